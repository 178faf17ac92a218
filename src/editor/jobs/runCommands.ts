import { commands as vscodeCommands, Disposable, l10n, Range, window, workspace, type TextDocument, type Uri } from 'vscode';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { JobTarget } from '../../engine/protocol.ts';
import type { Problem } from '../../spec/parseSpec.ts';
import { commands, innerCommands } from '../ids.ts';
import type { Contribution, Host } from '../services.ts';
import { findSpec } from '../targetSpec.ts';
import { targetOf } from './jobTarget.ts';
import { mayRun } from './mayRun.ts';

/** Commands that make the engine work. */
export const runCommands: Contribution = (host) => Disposable.from(
  vscodeCommands.registerCommand(commands.runTrace, (target: unknown) => runTrace(host, target)),
  vscodeCommands.registerCommand(innerCommands.runPart, (target: unknown, part: unknown) => runPart(host, target, part)),
);

/** Trace the spec's text as it stands, saved or not, and show it. */
async function runTrace(host: Host, target: unknown): Promise<void> {
  const document = await start(host, target, undefined);
  if (document !== undefined) await vscodeCommands.executeCommand(commands.openTimeline, document.uri);
}

/** @returns the document whose text was queued; undefined where nothing was */
async function start({ queue, services }: Host, target: unknown, what: JobTarget | undefined): Promise<TextDocument | undefined> {
  if (!await mayRun()) return undefined;
  const chosen = await findSpec(target);
  const document = chosen && await placed(chosen);
  if (document === undefined) return undefined;
  const { specs } = await services();
  const problem = specs.of(document).parsed.problems.find(({ severity }) => severity === 'error');
  if (problem !== undefined) {
    await showProblem(document, problem);
    return undefined;
  }
  queue.start(document.uri.fsPath, document.getText(), what);
  return document;
}

/** Run one experiment or sweep, or all of them; how it goes and what it came to stands in its lens. No lens offers other parts, but anyone may call the command. */
async function runPart(host: Host, target: unknown, part: unknown): Promise<void> {
  const what = targetOf(part);
  if (what !== undefined) await start(host, target, what);
  else await window.showInformationMessage(l10n.t('This version runs experiments and sweeps, no searches or studies yet.'));
}

/** Runs are stored beside their spec, so it needs a folder; one that has none is saved first. */
async function placed(document: TextDocument): Promise<TextDocument | undefined> {
  const { uri } = document;
  if (uri.scheme === 'file' || (uri.scheme === 'untitled' && await exists(dirname(uri.fsPath)))) return document;
  if (uri.scheme !== 'untitled') {
    await window.showErrorMessage(l10n.t('{0} is not on this machine\'s disk. Save a copy of it in a local folder and run that.', uri.toString()));
    return undefined;
  }
  const saved = await workspace.save(uri);
  return saved && workspace.openTextDocument(saved);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}

/** Lead to what is wrong: nothing is started for a spec that cannot run. */
async function showProblem(document: TextDocument, { message, remedy, path, line, range }: Problem): Promise<void> {
  const selection = new Range(document.positionAt(range.offset), document.positionAt(range.offset + range.length));
  await window.showTextDocument(document, { selection });
  // Not awaited: the message stays as long as people want it.
  void window.showErrorMessage(l10n.t('{0}, line {1} ({2}): {3}. {4}', nameOf(document.uri), line, path, message, remedy));
}

function nameOf(uri: Uri): string {
  return workspace.asRelativePath(uri);
}
