import { commands as vscodeCommands, Disposable, l10n, Range, window, workspace, type TextDocument, type Uri } from 'vscode';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { capabilities } from '../../engine/capabilities.ts';
import type { Problem } from '../../spec/parseSpec.ts';
import { commands, innerCommands } from '../ids.ts';
import type { SpecPart } from '../lenses/outlineOf.ts';
import type { Contribution, Host } from '../services.ts';
import { findSpec } from '../targetSpec.ts';
import { mayRun } from './mayRun.ts';

/** Commands that make the engine work. */
export const runCommands: Contribution = (host) => Disposable.from(
  vscodeCommands.registerCommand(commands.runTrace, (target: unknown) => runTrace(host, target)),
  vscodeCommands.registerCommand(innerCommands.runPart, (target: unknown, part: SpecPart | 'all') => runPart(host, target, part)),
);

/** Run the spec's text as it stands, saved or not, and show it. */
async function runTrace({ queue, services }: Host, target: unknown): Promise<void> {
  if (!await mayRun()) return;
  const chosen = await findSpec(target);
  const document = chosen && await placed(chosen);
  if (document === undefined) return;
  const { specs } = await services();
  const problem = specs.of(document).parsed.problems.find(({ severity }) => severity === 'error');
  if (problem !== undefined) {
    await showProblem(document, problem);
    return;
  }
  queue.start(document.uri.fsPath, document.getText());
  await vscodeCommands.executeCommand(commands.openTimeline, document.uri);
}

/** A part that the engine can carry out is run with the spec; no lens offers others, but anyone may call the command. */
async function runPart(host: Host, target: unknown, part: SpecPart | 'all'): Promise<void> {
  if (part === 'all' || capabilities.includes(part.kind)) {
    await runTrace(host, target);
    return;
  }
  await window.showInformationMessage(l10n.t('This version cannot run {0} yet; it traces the spec\'s own sample.', `"${part.kind}"`));
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
