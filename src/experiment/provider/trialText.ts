import { phrase } from '../../base/phrase.ts';
import type { Phrase } from '../../base/phrase.ts';
import type { Trial } from './computed.ts';

/** One line about a trial. */
export function trialText({ provider, stepMs, fault, agreement, placement }: Trial): Phrase {
  if (fault !== undefined) return phrase`${provider}: cannot be used: ${fault}`;
  const pace = stepMs === null ? phrase`not timed` : phrase`${stepMs.toPrecision(3)} ms a step`;
  if (agreement === undefined) return phrase`${provider}: ${pace}`;
  const { worst, of, difference, tolerance } = agreement;
  const numbers = worst <= 1 ? phrase`agrees with the CPU within ${difference.toExponential(1)} (tolerated: ${tolerance})`
    : phrase`disagrees with the CPU by ${difference.toExponential(1)} in ${of} (tolerated: ${tolerance})`;
  if (placement === undefined) return phrase`${provider}: ${pace}, ${numbers}`;
  return phrase`${provider}: ${pace}, ${numbers}; ${placement.onCpu} of the U-Net's ${placement.nodes} nodes run on the CPU (${placement.operators.slice(0, 8).join(', ')})`;
}
