import { CodeActionKind, Disposable, EventEmitter, languages, workspace, type TextDocument, type Uri } from 'vscode';
import { schemaScheme, specSelector } from '../ids.ts';
import { lazily } from '../lazily.ts';
import type { Contribution } from '../services.ts';
import { isSpec } from '../targetSpec.ts';
import type { Language } from './language.ts';

/** What makes writing a spec pleasant; nothing here runs anything, so it works in untrusted workspaces too. */
export const languageContribution: Contribution = ({ services, report }) => {
  const changes = { hints: new EventEmitter<void>(), schema: new EventEmitter<Uri>() };
  const language = lazily(async () => {
    const [{ createLanguage }, loaded] = await Promise.all([import('./language.ts'), services()]);
    return createLanguage(loaded, changes);
  });

  /** Nothing is answered about a text that has changed while the code was loaded: VS Code asks again. */
  async function ask<T>(document: TextDocument, answer: (language: Language) => T): Promise<Awaited<T> | undefined> {
    const { version } = document;
    const loaded = await language();
    return document.version === version ? await answer(loaded) : undefined;
  }
  function check(uri: Uri): void {
    if (isSpec(uri)) language().catch(report);
  }

  // What is open already waits until the extension has started.
  const start = setImmediate(() => { for (const { uri } of workspace.textDocuments) check(uri); });
  const specs = [...specSelector];
  return Disposable.from(
    changes.hints, changes.schema, language, new Disposable(() => { clearImmediate(start); }),
    workspace.onDidOpenTextDocument(({ uri }) => { check(uri); }),
    workspace.registerTextDocumentContentProvider(schemaScheme, { onDidChange: changes.schema.event, provideTextDocumentContent: async (uri) => (await language()).provideTextDocumentContent(uri) }),
    languages.registerCompletionItemProvider(specs, { provideCompletionItems: (document, position) => ask(document, (it) => it.provideCompletionItems(document, position)) }, '"', ' ', ':', '['),
    languages.registerCodeActionsProvider(specs, { provideCodeActions: (document, range, context) => ask(document, (it) => it.provideCodeActions(document, range, context)) }, { providedCodeActionKinds: [CodeActionKind.QuickFix] }),
    languages.registerInlayHintsProvider(specs, { onDidChangeInlayHints: changes.hints.event, provideInlayHints: (document, range) => ask(document, (it) => it.provideInlayHints(document, range)) }),
    languages.registerHoverProvider(specs, { provideHover: (document, position) => ask(document, (it) => it.provideHover(document, position)) }),
    languages.registerDocumentLinkProvider(specs, { provideDocumentLinks: (document) => ask(document, (it) => it.provideDocumentLinks(document)) }),
    languages.registerDefinitionProvider(specs, { provideDefinition: (document, position) => ask(document, (it) => it.provideDefinition(document, position)) }),
    languages.registerDocumentSymbolProvider(specs, { provideDocumentSymbols: (document) => ask(document, (it) => it.provideDocumentSymbols(document)) }, { label: 'DMI Lens' }),
  );
};
