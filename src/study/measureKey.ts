import { createHash } from 'node:crypto';
import { sha256Text } from '../base/sha256.ts';
import type { JudgeFolder } from '../judge/judgeFolder.ts';
import { canonicalJson } from '../spec/canonicalJson.ts';
import { captionOf } from './captionOf.ts';
import type { AskedRegion, ExperimentPlan } from './experimentPlan.ts';
import { parseMeasure } from './measures/measureName.ts';

/** Raised with every change that gives a measure, an interval or a definition another value or another wording. */
const measuringVersion = 1;

/** Why the run with a key failed; undefined where it is finished. */
export type FaultLookup = (key: string) => string | undefined;

/**
 * Hash of everything that the numbers of an experiment come from: its runs, what is measured on them, where, and by which networks. Equal hashes: equal numbers.
 * @param judge undefined where there is none
 */
export function measureKey(plan: ExperimentPlan, prompt: string, judge: JudgeFolder | undefined, faultOf: FaultLookup): string {
  const { groups, identity, regions, measures } = plan;
  return sha256Text(canonicalJson({
    version: measuringVersion, identity, measures, regions: regions.map(regionMark), judge: judgeMark(measures, judge),
    ...(measures.includes('clip') && { caption: captionOf(plan, prompt) }),
    groups: groups.map(({ role, plans }) => ({ role, runs: plans.map(({ key }) => [key, faultOf(key) ?? null]) })),
  }));
}

/** What of a judge takes part: another network for what is not measured changes nothing. */
function judgeMark(measures: readonly string[], judge: JudgeFolder | undefined): unknown {
  const kinds = new Set(measures.map((name) => parseMeasure(name).kind));
  const asked = kinds.has('presence') || kinds.has('iou') || kinds.has('centre') || kinds.has('clip');
  return [asked ? [judge?.hash ?? null, judge?.wordsHash ?? null] : null, kinds.has('perceptual') ? judge?.perceptualHash ?? null : null];
}

/** A mask is told by its pixels, which are too many to be written out. */
function regionMark(region: AskedRegion): unknown {
  if (!('fixed' in region) || typeof region.fixed === 'string' || !('mask' in region.fixed)) return region;
  const { width, height, data } = region.fixed.mask;
  return { mask: createHash('sha256').update(`${width}x${height}\n`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).digest('hex') };
}
