import { basename } from 'node:path';
import { commands as vscodeCommands, Disposable, l10n, Uri, window, workspace } from 'vscode';
import type { Job, JobQueue } from '../../engine/job.ts';
import { trialPrefix } from '../../experiment/provider/trialPrefix.ts';
import type { JobTarget } from '../../engine/protocol.ts';
import { commands } from '../ids.ts';
import type { Contribution, Host } from '../services.ts';
import { activeSpec, uriOf } from '../targetSpec.ts';
import { describeState, isActive } from './statusOf.ts';
import { targetOf } from './jobTarget.ts';

/** Commands about jobs that are there already, and about the engine that carries them out. */
export const jobCommands: Contribution = (host) => Disposable.from(
  vscodeCommands.registerCommand(commands.cancel, (target: unknown, what: unknown) => cancel(host.queue, target, targetOf(what))),
  vscodeCommands.registerCommand(commands.showJobs, () => showJobs(host)),
  vscodeCommands.registerCommand(commands.showLog, () => { host.log.show(); }),
  vscodeCommands.registerCommand(commands.restartEngine, () => restartEngine(host)),
  vscodeCommands.registerCommand(commands.measureProviders, () => measureProviders(host)),
);

/** Cancel the job of the spec named or in front; where it has none, the only one, or the one that people pick. */
async function cancel(queue: JobQueue, target: unknown, what: JobTarget | undefined): Promise<void> {
  const uri = uriOf(target) ?? activeSpec();
  const named = uri && queue.jobOf(uri.fsPath, what);
  const own = named !== undefined && isActive(named.state) ? named : uri && what === undefined ? queue.jobsOf(uri.fsPath).find(({ state }) => isActive(state)) : undefined;
  if (own !== undefined) own.cancel();
  else if (uriOf(target) === undefined) (await pickActive(queue))?.cancel();
}

async function pickActive(queue: JobQueue): Promise<Job | undefined> {
  const active = queue.jobs.filter(({ state }) => isActive(state));
  if (active.length < 2) return active.at(0);
  const items = active.map((job) => ({ label: basename(job.file), description: describeState(job.state, l10n.t), job }));
  return (await window.showQuickPick(items, { placeHolder: l10n.t('Which one is to be cancelled?') }))?.job;
}

/** What the status item leads to: every job with what can be done about it. */
async function showJobs({ queue }: Host): Promise<void> {
  const items = [...queue.jobs].reverse().flatMap((job) => {
    const name = typeof job.target === 'object' ? `${basename(job.file)}: ${job.target.name}` : basename(job.file);
    const description = describeState(job.state, l10n.t);
    return [
      ...(isActive(job.state) ? [{ label: `$(debug-stop) ${l10n.t('Cancel {0}', name)}`, description, act: async () => { await vscodeCommands.executeCommand(commands.cancel, Uri.file(job.file), job.target); } }] : []),
      { label: `$(graph-line) ${l10n.t('Show the timeline of {0}', name)}`, description, act: async () => { await vscodeCommands.executeCommand(commands.openTimeline, Uri.file(job.file)); } },
    ];
  });
  const spec = activeSpec();
  if (spec !== undefined && queue.jobOf(spec.fsPath) === undefined) {
    items.unshift({ label: `$(play) ${l10n.t('Run trace')}`, description: basename(spec.path), act: async () => { await vscodeCommands.executeCommand(commands.runTrace, spec); } });
  }
  items.push({ label: `$(output) ${l10n.t('Show log')}`, description: '', act: async () => { await vscodeCommands.executeCommand(commands.showLog); } });
  await (await window.showQuickPick(items, { placeHolder: l10n.t('DMI Lens: what runs, and what has run') }))?.act();
}

/** Forget how providers did with the models of this workspace: the next run of each measures again. */
async function measureProviders({ queue, log }: Host): Promise<void> {
  const files = await workspace.findFiles(`**/.dmi/cache/${trialPrefix}*.json`, null);
  await Promise.all(files.map((file) => workspace.fs.delete(file)));
  await queue.restart();
  log.info(`What was measured of providers is forgotten: ${files.length} ${files.length === 1 ? 'model' : 'models'}.`);
  void window.showInformationMessage(l10n.t('The next run of each model tries its provider again.'));
}

async function restartEngine({ queue, log }: Host): Promise<void> {
  await queue.restart();
  log.info('The engine was stopped on request; the next run starts it again.');
}
