import { keepStrong } from './activeConcepts.ts';
import type { Evidence, ObservedSite } from './observedSite.ts';

/** How many labels one half of the pictures gives, and how many of those the other half gives again. */
export interface Replicated {
  readonly given: number;
  readonly again: number;
}

/**
 * Give labels by the pictures of even number alone, and look which of them those of odd number give to the same concept over the same steps: labels are
 * chosen among many for the pictures at hand, and this tells how many of them say something about others.
 * @param evidence the rule. @param stretches rows of steps
 */
export function replicate(site: ObservedSite, evidence: (site: ObservedSite, steps: readonly number[]) => Evidence[], stretches: Iterable<readonly number[]>): Replicated {
  const halves = [0, 1].map((rest) => everyOther(site, rest));
  let given = 0;
  let again = 0;
  for (const steps of stretches) {
    const [chosen, other] = halves.map((half) => new Set(evidence(half, steps).map(({ id, label }) => `${id} ${label}`)));
    given += chosen.size;
    again += [...chosen].filter((finding) => other.has(finding)).length;
  }
  return { given, again };
}

/** The pictures whose number leaves `rest` when divided by two. What is strong is judged among them alone. */
function everyOther(site: ObservedSite, rest: number): ObservedSite {
  const pick = <T>(pictures: readonly T[]): T[] => pictures.filter((_, picture) => picture % 2 === rest);
  const active = site.active.map(pick);
  return { ...site, active, strong: active.map((pictures) => keepStrong(pictures, site.n)), masks: pick(site.masks), attributes: pick(site.attributes) };
}
