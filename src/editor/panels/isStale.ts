import { statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import type { Spec } from '../../spec/schema.ts';
import { askedHash, namedMasks } from '../../study/askedHash.ts';
import { outcomeFile, type OutcomeSource } from './outcomeSource.ts';

/** Whether a spec asks something else by now than what an outcome answers, or a mask that it names was written after the outcome. */
export function isStale(spec: Spec, source: OutcomeSource, { asked }: { readonly asked?: string }): boolean {
  return asked === undefined || askedHash(spec, source.kind, source.name) !== asked || masksChanged(spec, source);
}

/** Pixels are compared by the next run; here a newer file is enough. */
function masksChanged(spec: Spec, source: OutcomeSource): boolean {
  const masks = namedMasks(spec, source.kind, source.name);
  if (masks.length === 0) return false;
  const written = statSync(outcomeFile(source), { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
  return masks.some((mask) => {
    const stats = isAbsolute(mask) ? undefined : statSync(join(dirname(source.spec), mask), { throwIfNoEntry: false });
    return stats === undefined || Math.max(stats.mtimeMs, stats.ctimeMs) > written; // a file moved over another keeps the time of its content
  });
}
