import { Diagnostic, DiagnosticSeverity, DiagnosticTag, Disposable, l10n, languages, workspace, type TextDocument } from 'vscode';
import { isReadable, type Problem } from '../../spec/parseSpec.ts';
import { say } from '../../base/phrase.ts';
import type { SpecDocuments } from '../services.ts';
import { isSpec } from '../targetSpec.ts';
import { jsonValidates, type DocumentProblems } from './documentProblems.ts';
import { rangeOf } from './ranges.ts';

/** What diagnostics of ours are known by. */
const diagnosticSource = 'DMI Lens';

/**
 * Underlines what is wrong in open specs. VS Code's JSON support says what is no JSON and what does not fit the schema, and this the rest; where it is
 * switched off, this says all.
 */
export function showDiagnostics(specs: SpecDocuments, problems: DocumentProblems): Disposable {
  const collection = languages.createDiagnosticCollection('dmi');

  async function update(document: TextDocument): Promise<void> {
    if (!isSpec(document.uri)) return;
    const { version } = document;
    const found = await problems.of(document);
    if (document.version !== version || document.isClosed) return;
    const others = jsonValidates(document);
    // While a text is no JSON, what was known of it stays: it would be gone for every comma that is not typed yet.
    if (others && !isReadable(found) && !found.some(({ code }) => code === 'size')) return;
    const shown = others ? found.filter(({ code }) => code !== 'schema' && code !== 'syntax') : found;
    collection.set(document.uri, shown.map((problem) => diagnosticOf(document, problem)));
  }

  function refresh(document: TextDocument): void {
    problems.forget(document);
    void update(document);
  }

  for (const document of workspace.textDocuments) void update(document);
  return Disposable.from(
    collection,
    specs.onDidChange((uri) => {
      for (const document of workspace.textDocuments) if (document.uri.toString() === uri.toString()) refresh(document);
    }),
    workspace.onDidOpenTextDocument((document) => { void update(document); }),
    workspace.onDidCloseTextDocument(({ uri }) => { collection.delete(uri); }),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('json.validate')) for (const document of workspace.textDocuments) refresh(document);
    }),
  );
}

function diagnosticOf(document: TextDocument, { severity, message, remedy, phrases, code, range }: Problem): Diagnostic {
  const [what, next] = phrases === undefined ? [message, remedy] : [phrases.message, phrases.remedy].map((phrase) => say(phrase, l10n.t));
  const diagnostic = new Diagnostic(rangeOf(document, range), `${what}\n${next}`, severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning);
  diagnostic.source = diagnosticSource;
  diagnostic.code = code;
  if (code === 'no-effect') diagnostic.tags = [DiagnosticTag.Unnecessary];
  return diagnostic;
}
