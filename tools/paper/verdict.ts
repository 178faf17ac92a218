import type { Estimate } from './estimate.ts';
import { cellText } from './table.ts';

/** Whether a claim of the paper was found on Scenes. `open`: the interval holds both answers. */
export type Answer = 'agrees' | 'disagrees' | 'open';

/** One claim, what the paper reports for it, and what was measured here. */
export interface Verdict {
  readonly claim: string;
  readonly paper: string;
  readonly here: string;
  readonly answer: Answer;
  /** What would explain it if Scenes does not agree, and where in the report to see it. */
  readonly why?: string;
}

/** A mean that must reach a bound: it agrees where the mean does, and the interval says how sure that is. */
export function reaches(claim: string, paper: string, measured: Estimate | undefined, bound: number): Verdict {
  return { claim, paper, here: cellText(measured), answer: answerIf(measured, ({ value }) => value >= bound) };
}

/** A ratio of two means that must reach a bound. */
export function ratioReaches(claim: string, paper: string, measured: Estimate | undefined, base: Estimate | undefined, bound: number): Verdict {
  const ratio = measured === undefined || base === undefined || base.value === 0 ? undefined : measured.value / base.value;
  const here = `${cellText(measured)} against ${cellText(base)}${ratio === undefined ? '' : `: ${ratio.toFixed(1)} times`}`;
  return { claim, paper, here, answer: measured === undefined || base === undefined ? 'open' : measured.value >= bound * base.value ? 'agrees' : 'disagrees' };
}

/** Means that must all lie within `reach` of `centre`. */
export function staysNear(claim: string, paper: string, measured: Readonly<Record<string, Estimate | undefined>>, centre: number, reach: number): Verdict {
  const all = Object.values(measured);
  return {
    claim, paper, here: Object.entries(measured).map(([name, value]) => `${name} ${cellText(value)}`).join('; '),
    answer: all.includes(undefined) ? 'open' : all.every((one) => one !== undefined && Math.abs(one.value - centre) <= reach) ? 'agrees' : 'disagrees',
  };
}

/** A paired difference that must be positive: decided only where its interval leaves out zero. */
export function isGreater(claim: string, paper: string, gap: Estimate | undefined, why?: string): Verdict {
  return {
    claim, paper, ...(why !== undefined && { why }), here: gap === undefined ? cellText(gap) : `difference ${cellText(gap)}`,
    answer: gap === undefined || (gap.low <= 0 && gap.high >= 0) ? 'open' : gap.value > 0 ? 'agrees' : 'disagrees',
  };
}

function answerIf(measured: Estimate | undefined, holds: (measured: Estimate) => boolean): Answer {
  return measured === undefined ? 'open' : holds(measured) ? 'agrees' : 'disagrees';
}
