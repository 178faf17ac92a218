import type { Job } from '../../engine/job.ts';
import type { PanelState } from '../../../webview/protocol.ts';
import { loadingText } from '../jobs/statusOf.ts';
import type { Translate } from '../translate.ts';
import { failed } from './panelMessages.ts';

/** A job's state as its panel shows it. */
export function jobPanelState({ state, file }: Pick<Job, 'state' | 'file'>, t: Translate): PanelState {
  switch (state.kind) {
    case 'queued': return { kind: 'loading', what: t('waiting') };
    case 'starting': return { kind: 'loading', ...(state.what !== undefined && { what: loadingText(state, t) }) };
    case 'running': {
      const { seed, step, done, total, secondsLeft, part } = state;
      return { kind: 'running', seed, step, done, total, secondsLeft, ...(part !== undefined && { part }) };
    }
    case 'cancelling': // it ends within a step
    case 'cancelled': return { kind: 'cancelled' };
    case 'done': return { kind: 'done', seconds: state.answer.totalMs / 1000, cached: state.answer.runs.every(({ cached }) => cached) };
    case 'failed': return failed({ ...state.fault, file: state.fault.file ?? file, place: state.fault.place });
  }
}
