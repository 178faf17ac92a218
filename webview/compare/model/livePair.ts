import type { LivePair, PairData, ToCompare } from '../../compareProtocol.ts';
import type { PanelRun } from '../../protocol.ts';

/** A live pair with one more picture; the very same where the picture is of another seed. */
export function addPicture(live: LivePair, { seed, run, column, preview }: Extract<ToCompare, { type: 'picture' }>): LivePair {
  if (seed !== live.seed) return live;
  if (run !== 'control') return { ...live, [run]: live[run].with(column, preview) };
  return live.control === null ? live : { ...live, control: { ...live.control, previews: live.control.previews.with(column, preview) } };
}

/** A live pair as any other: pictures of the steps that there are, and no traces. */
export function pairOfLive({ seed, steps, t, baseline, edited }: LivePair): PairData {
  const run = (previews: LivePair['baseline']): PanelRun => ({ seed, title: '', folder: null, previews, filled: previews.map((preview) => preview !== null), image: null, codes: [] });
  return { seed, subject: { role: 'edited' }, steps, t, sites: [], baseline: run(baseline), other: run(edited), fault: '' };
}

/** The column to look at: the last one that both runs have once the edited run is made, before that the last one of the unedited run; -1 where there is none. */
export function newestOf({ baseline, edited }: LivePair): number {
  const both = edited.findLastIndex((preview, column) => preview !== null && baseline[column] !== null);
  return both >= 0 && baseline.every((preview) => preview !== null) ? both : baseline.findLastIndex((preview) => preview !== null);
}
