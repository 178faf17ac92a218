import { basename } from 'node:path';
import { say } from '../../base/phrase.ts';
import type { Job, JobState } from '../../engine/job.ts';
import type { Translate } from '../translate.ts';

/** What the status item shows. */
export interface Status {
  readonly text: string;
  readonly tooltip: string;
  /** Something runs or waits. */
  readonly busy: boolean;
}

/** States that a job leaves by itself. */
export function isActive({ kind }: JobState): boolean {
  return kind !== 'done' && kind !== 'cancelled' && kind !== 'failed';
}

/** The state of all jobs in one line: the one under way, how far it is, and how many wait. */
export function statusOf(jobs: readonly Pick<Job, 'file' | 'state'>[], t: Translate): Status {
  const active = jobs.filter(({ state }) => isActive(state));
  const current = active.find(({ state }) => state.kind !== 'queued') ?? active.at(0);
  if (current === undefined) return { text: '$(eye) DMI', tooltip: t('DMI Lens: nothing runs'), busy: false };
  const waiting = active.length - 1;
  return {
    text: `$(sync~spin) ${describeState(current.state, t)}${waiting === 0 ? '' : ` (+${waiting})`}`,
    tooltip: [`DMI Lens: ${basename(current.file)}`, ...(waiting === 0 ? [] : [t('{0} more waiting', waiting)]), t('Click to show or cancel')].join('\n'),
    busy: true,
  };
}

/** A job's state in a few words. */
export function describeState(state: JobState, t: Translate): string {
  switch (state.kind) {
    case 'queued': return t('waiting');
    case 'starting': return loadingText(state, t);
    case 'running': return [
      progressText(state, t),
      ...(state.secondsLeft === null ? [] : [t('{0} left', describeSeconds(state.secondsLeft, t))]),
    ].join(', ');
    case 'cancelling': return t('cancelling');
    case 'done': return t('{0} s', (state.answer.totalMs / 1000).toFixed(1));
    case 'cancelled': return t('cancelled');
    case 'failed': return state.fault.message;
  }
}

/** What a job is at before its first step. */
export function loadingText({ what }: Extract<JobState, { kind: 'starting' }>, t: Translate): string {
  return what === undefined ? t('starting') : say(what, t);
}

/** How far a job is: in steps of the U-Net, or in what comes after them. */
export function progressText({ done, total, part }: Extract<JobState, { kind: 'running' }>, t: Translate): string {
  switch (part?.phase) {
    case 'measuring': return t('measuring {0}/{1}', done, total);
    case 'looking': return t('looking at edits {0}/{1}', done, total);
    default: return t('step {0}/{1}', done, total);
  }
}

/** A remaining time as people say it: `12 s`, `3 min`, `2 h`. */
export function describeSeconds(seconds: number, t: Translate): string {
  if (seconds < 90) return t('{0} s', Math.max(1, Math.round(seconds)));
  if (seconds < 90 * 60) return t('{0} min', Math.round(seconds / 60));
  return t('{0} h', Math.round(seconds / 3600));
}
