import { access } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { commands as vscodeCommands, Disposable, l10n, RelativePattern, Uri, ViewColumn, window, workspace, type WebviewPanel } from 'vscode';
import { InputError } from '../../base/errors.ts';
import type { Job } from '../../engine/job.ts';
import type { Spec } from '../../spec/schema.ts';
import { commands, innerCommands } from '../ids.ts';
import { isActive } from '../jobs/statusOf.ts';
import type { Services } from '../services.ts';
import { throttle } from '../throttle.ts';
import { jobPanelState } from '../timeline/jobPanelState.ts';
import { failed } from '../timeline/panelMessages.ts';
import type { PanelState } from '../../../webview/protocol.ts';
import { outcomeFile, type OutcomeSource } from './outcomeSource.ts';

/** What stands around an outcome in its panel. */
export interface OutcomeFrame {
  readonly specName: string | null;
  readonly state: PanelState;
  readonly stale: boolean;
  readonly canRun: boolean;
}

interface OutcomeParts<Outcome> {
  readonly source: OutcomeSource;
  /** @throws InputError */
  readonly read: () => Promise<Outcome>;
  readonly secondsOf: (outcome: Outcome) => number;
  readonly isStale: (spec: Spec, outcome: Outcome) => boolean;
  /** Show an outcome; undefined: there is none yet. */
  readonly show: (outcome: Outcome | undefined, frame: OutcomeFrame) => Promise<void>;
  /** Only what stands around it has changed. */
  readonly reframe: (frame: OutcomeFrame) => void;
  /** A job works at it, from its start on; the same is told more than once. */
  readonly onJob?: (job: Job) => void;
}

/** What the page of every outcome asks for. */
interface CommonMessage { readonly type: 'ready' | 'run' | 'cancel' | 'openSpec' }

/** The life of a panel that shows a stored outcome. */
export interface OutcomePanel<Outcome> {
  /** What is shown. */
  readonly outcome: Outcome | undefined;
  /** Do what the page of every outcome can ask for. */
  answer(message: CommonMessage): Promise<void>;
  dispose(): void;
}

/** Outcomes are several files, written one after the other. */
const leastBetweenMs = 250;

/** Keep a panel up to date with the outcome's file, the spec, and the job that computes it. */
export function outcomePanel<Outcome>(panel: WebviewPanel, { queue, specs, report }: Services, parts: OutcomeParts<Outcome>): OutcomePanel<Outcome> {
  const { source } = parts;
  const { spec, kind, name } = source;
  const uri = Uri.file(spec);
  const file = outcomeFile(source);
  const target = { kind, name } as const;
  let outcome: Outcome | undefined;
  let fault: InputError | undefined;
  let specIsThere = false;
  let awake = false;
  let turn = 0;

  async function load(): Promise<void> {
    const own = ++turn;
    const [read, there] = await Promise.all([parts.read().then((value) => ({ value }), (error: unknown) => ({ error })), isThere(spec)]);
    if (own !== turn) return; // something newer is being read
    specIsThere = there;
    fault = undefined;
    outcome = 'value' in read ? read.value : undefined;
    if ('error' in read) {
      if (!(read.error instanceof InputError)) throw read.error;
      if (await isThere(file)) fault = read.error; // one that is not there has not run yet
    }
    if (awake) await parts.show(outcome, frame());
  }

  function frame(): OutcomeFrame {
    return { specName: specIsThere ? basename(spec) : null, state: stateNow(), stale: staleNow(), canRun: specIsThere && workspace.isTrusted };
  }
  function stateNow(): PanelState {
    const job: Pick<Job, 'state' | 'file'> | undefined = queue.jobOf(spec, target);
    if (job !== undefined && job.state.kind !== 'done') return jobPanelState(job, l10n.t);
    if (fault !== undefined) return failed(fault);
    return outcome === undefined ? { kind: 'empty' } : { kind: 'done', seconds: parts.secondsOf(outcome), cached: false };
  }
  /** As far as the spec is open: nobody changes it elsewhere while this is looked at. */
  function staleNow(): boolean {
    const document = workspace.textDocuments.find((open) => open.uri.toString() === uri.toString());
    const asked = document === undefined ? undefined : specs.of(document).parsed.spec;
    return asked !== undefined && outcome !== undefined && parts.isStale(asked, outcome);
  }

  function tellJob(): void {
    const job = queue.jobOf(spec, target);
    if (job !== undefined && isActive(job.state)) parts.onJob?.(job);
  }

  const changed = throttle(leastBetweenMs, () => { load().catch(report); });
  const reframed = throttle(leastBetweenMs, () => { if (awake) parts.reframe(frame()); });
  const watcher = workspace.createFileSystemWatcher(new RelativePattern(Uri.file(dirname(file)), basename(file)));
  const call = (): void => { changed.call(); };
  const subscriptions = Disposable.from(
    watcher, changed, reframed, watcher.onDidCreate(call), watcher.onDidChange(call), watcher.onDidDelete(call),
    queue.onDidChange((job) => {
      if (job.file !== spec) return;
      if (isActive(job.state)) tellJob();
      if (job.state.kind === 'done') changed.call(); // watchers of network disks may be late, or absent
      else reframed.call();
    }),
    specs.onDidChange((which) => { if (which.toString() === uri.toString()) reframed.call(); }),
    workspace.onDidGrantWorkspaceTrust(call),
    panel.onDidChangeViewState(() => { if (!panel.visible) awake = false; }),
  );
  tellJob();
  return {
    get outcome() { return outcome; },
    async answer({ type }) {
      switch (type) {
        case 'ready':
          awake = true;
          await load();
          break;
        case 'run': await vscodeCommands.executeCommand(innerCommands.runPart, uri, target); break;
        case 'cancel': await vscodeCommands.executeCommand(commands.cancel, uri, target); break;
        case 'openSpec': await window.showTextDocument(uri, { viewColumn: ViewColumn.One, preview: false }); break;
      }
    },
    dispose: () => {
      awake = false;
      subscriptions.dispose();
    },
  };
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}

/** What a panel of an outcome is called. */
export function outcomeTitle({ kind, name, cell }: OutcomeSource): string {
  return cell !== undefined ? l10n.t('Compare: {0}, variant {1}', name, cell + 1) : kind === 'sweeps' ? l10n.t('Sweep: {0}', name) : l10n.t('Compare: {0}', name);
}
