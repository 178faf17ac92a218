import { TorchGenerator } from '../../base/torchRandom.ts';
import type { ConceptLabel, ConceptLabels, Stretch } from '../labels.ts';
import { attributeEvidence } from './attributeEvidence.ts';
import { bestLabel } from './bestLabel.ts';
import { findContextFree } from './contextFree.ts';
import { replicate, type Replicated } from './halves.ts';
import { maskEvidence, partEvidence } from './maskEvidence.ts';
import type { Evidence, ObservedSite } from './observedSite.ts';
import { placeEvidence } from './placeEvidence.ts';

/** Steps of each stretch of the process, as rows of what was observed. */
export type Stretches = ReadonlyMap<Stretch, readonly number[]>;

/** What was found at one site. */
export interface SiteLabels {
  /** By concept id; concepts about which nothing was found are left out. */
  readonly concepts: ReadonlyMap<number, ConceptLabels>;
  /** Labels given, by kind. */
  readonly given: Readonly<Record<ChanceKind, number>>;
  /** Labels the same rules give when every picture bears the labels of another one: what chance alone explains. */
  readonly givenByChance: Readonly<Record<ChanceKind, number>>;
  /** Labels that half of the pictures gives, and that the other half gives again. */
  readonly halves: Readonly<Record<ChanceKind, Replicated>>;
}

/** Kinds of labels that chance can give too; places have nothing to do with what a picture shows. */
type ChanceKind = 'mask' | 'part' | 'attribute';

const rules = {
  mask: { measure: 'iou', evidence: maskEvidence },
  part: { measure: 'inside', evidence: partEvidence },
  attribute: { measure: 'auroc', evidence: attributeEvidence },
  place: { measure: 'inside', evidence: placeEvidence },
} as const;

type Kind = keyof typeof rules;

/** Find out what each concept of a site means. @param seed of the shuffle that chance is measured with */
export function labelSite(site: ObservedSite, stretches: Stretches, seed = 0): SiteLabels {
  const labels = new Map<number, ConceptLabel[]>();
  const given = { mask: 0, part: 0, attribute: 0, place: 0 };
  for (const kind of Object.keys(rules) as Kind[]) {
    const { measure, evidence } = rules[kind];
    const firstSteps = firstStepsOf(evidence, site);
    for (const [steps, rows] of stretches) {
      for (const { id, label, score, n, of } of evidence(site, rows)) {
        const found = labels.get(id) ?? [];
        labels.set(id, found);
        if (kind === 'part' && found.some((whole) => whole.label === label && whole.steps === steps)) continue; // it is the whole
        found.push({ label, kind, [measure]: round(score), n, of, steps, firstStep: firstSteps.get(`${id} ${label}`) ?? null });
        given[kind] += 1;
      }
    }
  }
  const contextFree = contextFreeThroughout(site, stretches);
  const concepts = [...new Set([...labels.keys(), ...contextFree])].sort((a, b) => a - b).map((id) => {
    const found = labels.get(id) ?? [];
    return [id, { label: bestLabel(found), labels: found, contextFree: contextFree.has(id) }] as const;
  });
  const shuffled = withLabelsOfOthers(site, seed);
  const byChance = (kind: Kind): number => [...stretches.values()].reduce((sum, rows) => sum + rules[kind].evidence(shuffled, rows).length, 0);
  const inHalves = (kind: Kind): Replicated => replicate(site, rules[kind].evidence, stretches.values());
  return {
    concepts: new Map(concepts),
    given: { mask: given.mask, part: given.part, attribute: given.attribute },
    givenByChance: { mask: byChance('mask'), part: byChance('part'), attribute: byChance('attribute') },
    halves: { mask: inHalves('mask'), part: inHalves('part'), attribute: inHalves('attribute') },
  };
}

/** First step at which each finding holds by that step alone, by `id label`. */
function firstStepsOf(evidence: (site: ObservedSite, steps: readonly number[]) => Evidence[], site: ObservedSite): Map<string, number> {
  const first = new Map<string, number>();
  for (const step of site.active.keys()) {
    for (const { id, label } of evidence(site, [step])) {
      const key = `${id} ${label}`;
      if (!first.has(key)) first.set(key, step);
    }
  }
  return first;
}

/** Concepts that are context-free over every stretch in which they are alive. */
function contextFreeThroughout(site: ObservedSite, stretches: Stretches): Set<number> {
  const found = [...stretches.values()].filter((rows) => rows.length > 0).map((rows) => findContextFree(site, rows));
  const ever = new Set(found.flatMap(({ contextFree }) => [...contextFree]));
  return new Set([...ever].filter((id) => found.every(({ alive, contextFree }) => contextFree.has(id) || !alive.has(id))));
}

/** The same concepts, with the labels dealt out anew: each picture gets those of another one. */
function withLabelsOfOthers(site: ObservedSite, seed: number): ObservedSite {
  const random = new TorchGenerator(seed);
  const cycle = Array.from(site.masks.keys());
  for (let last = cycle.length - 1; last > 0; last--) {
    const other = random.random32() % (last + 1);
    [cycle[last], cycle[other]] = [cycle[other], cycle[last]];
  }
  // One step along a random cycle: no picture keeps its own labels.
  const donors = new Map(cycle.map((picture, at) => [picture, cycle[(at + 1) % cycle.length]]));
  const deal = <T>(labels: readonly T[]): T[] => labels.map((own, picture) => labels[donors.get(picture) ?? picture] ?? own);
  return { ...site, masks: deal(site.masks), attributes: deal(site.attributes) };
}

function round(score: number): number {
  return Math.round(score * 1000) / 1000;
}
