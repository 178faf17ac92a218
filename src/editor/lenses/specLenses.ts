import type { Node } from 'jsonc-parser';
import { join } from 'node:path';
import { CodeLens, Disposable, l10n, Range, Uri, workspace, type EventEmitter, type TextDocument } from 'vscode';
import { capabilities } from '../../engine/capabilities.ts';
import type { JobTarget } from '../../engine/protocol.ts';
import { commands } from '../ids.ts';
import { isActive } from '../jobs/statusOf.ts';
import type { Services } from '../services.ts';
import { targetOf } from '../jobs/jobTarget.ts';
import { throttle } from '../throttle.ts';
import { LastResults } from './lastResults.ts';
import { lensesOf, type Lens } from './lensesOf.ts';
import { outlineOf, type SpecOutline, type SpecPart } from './outlineOf.ts';
import { PartResults } from './partResults.ts';
import { pace } from './pace.ts';
import { watchOutcomes } from './watchOutcomes.ts';

/** An outcome is several files, written one after the other. */
const leastBetweenMs = 250;

/** Lenses above specs and their parts. @param changed is told when they are to be asked for again */
export function createLenses(services: Services, changed: EventEmitter<void>) {
  const updates = pace(250, () => { changed.fire(); });
  const results = new LastResults(services, () => { updates.call(); });
  const partResults = new PartResults();
  const outcomesChanged = throttle(leastBetweenMs, () => { updates.call(); });
  const outlines = new WeakMap<Node, SpecOutline>();

  async function provideCodeLenses(document: TextDocument): Promise<CodeLens[]> {
    const { tree, treeLines } = services.specs.of(document);
    if (tree === undefined) return [];
    const outline = outlines.get(tree) ?? outlineOf(tree, treeLines);
    outlines.set(tree, outline);
    const last = await results.of(document);
    const resultOf = document.uri.scheme === 'file' ? await partResults.of(document.uri.fsPath, outline.parts) : () => undefined;
    const stateOf = (part?: SpecPart) => jobState(services, document, targetOf(part));
    const lenses = lensesOf(outline, { capabilities, trusted: workspace.isTrusted, trace: stateOf(), stateOf, last, resultOf }, l10n.t);
    updates.answered();
    return lenses.map((lens) => codeLens(lens, document));
  }

  const watches = Disposable.from(
    updates, outcomesChanged,
    watchOutcomes(services.queue, (path) => {
      partResults.forget(path);
      outcomesChanged.call();
    }),
    services.queue.onDidChange(() => { updates.call(); }),
    services.runs.onDidChange(() => { results.diskChanged(); }),
    workspace.onDidGrantWorkspaceTrust(() => { updates.call(); }),
  );
  return { provideCodeLenses, dispose: () => { watches.dispose(); } };
}

/** How a trace of this text, or one part of it, goes; once it has ended, it tells nothing about another text. */
function jobState({ queue }: Services, document: TextDocument, target: JobTarget | undefined) {
  const job = queue.jobOf(document.uri.fsPath, target);
  return job !== undefined && (isActive(job.state) || job.text === document.getText()) ? job.state : undefined;
}

function codeLens({ line, title, tooltip, command = '', argument }: Lens, { uri, lineCount }: TextDocument): CodeLens {
  // Of a text with a syntax error the last good parse counts, which may have had more lines.
  const at = Math.min(line, lineCount - 1);
  const what = typeof argument === 'object' && 'folder' in argument ? [Uri.file(join(argument.folder, 'run.json'))]
    : typeof argument === 'object' && (command === commands.openExperiment || command === commands.openSweep) ? [{ file: uri.fsPath, name: argument.name }]
      : [uri, ...(argument === undefined ? [] : [argument])];
  return new CodeLens(new Range(at, 0, at, 0), { title, command, arguments: what, ...(tooltip !== undefined && { tooltip }) });
}
