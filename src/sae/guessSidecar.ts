import type { Checkpoint } from './sae.ts';
import { fvuOf } from './scoreActivations.ts';
import type { ActivationScore, ScoredBranch } from './scoreActivations.ts';
import type { SaeSidecar } from './sidecar.ts';

/** An SAE that leaves more than this unexplained was hardly trained on what it looks at: predicting the mean leaves 1. */
const explainsNothing = 0.8;

/** On one half of guidance an SAE must be this much better before it counts as trained on that half alone. */
const clearly = 1.25;

/** The best guess of what an SAE was trained on. */
export interface Guess {
  readonly score: ActivationScore;
  readonly branch: ScoredBranch;
  /** Whether it rebuilds that activation at all. */
  readonly plausible: boolean;
  /** What the sidecar would say, its statistics those of the trace. */
  readonly sidecar: SaeSidecar;
}

/**
 * What the scores say: the activation rebuilt best; both branches, unless one of them is rebuilt clearly better. At which times it was trained they do not say: an SAE trained on a window alone
 * rebuilds other times about as unevenly as one trained on all of them does.
 * @param scores by ascending FVU, at least one. @param known set by who knows it
 */
export function guessSidecar(
  { k }: Checkpoint, scores: readonly ActivationScore[], { modelHash, branch: known, times = [0, 1] }: { modelHash: string; branch?: ScoredBranch | undefined; times?: SaeSidecar['tRange'] | undefined },
): Guess {
  const [score] = scores;
  const branch = known ?? likelyBranch(score);
  const quality = score.byBranch[branch] ?? score.byBranch.cond;
  if (quality === undefined) throw new RangeError('nothing was looked at');
  const { cells, fvu, evPerDimension, l0, dead, mean, density, max } = quality;
  return {
    score, branch, plausible: fvuOf(score) < explainsNothing,
    sidecar: {
      format: 1, site: score.site, activation: score.activation, branch, tRange: times, modelHash, k, trainedCells: 0,
      statistics: { mean: [...mean], density: [...density], max: [...max] },
      quality: { cells, fvu, evPerDimension, l0, dead: dead[dead.length - 1].share, cut: score.cut },
    },
  };
}

function likelyBranch({ byBranch: { cond, uncond } }: ActivationScore): ScoredBranch {
  if (cond === undefined || uncond === undefined) return 'cond';
  if (uncond.fvu > clearly * cond.fvu) return 'cond';
  return cond.fvu > clearly * uncond.fvu ? 'uncond' : 'both';
}
