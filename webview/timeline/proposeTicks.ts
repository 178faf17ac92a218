import { isRegionName } from '../../src/spec/regions.ts';
import type { SiteSummary } from './model/siteSummary.ts';
import type { Ticked } from './view.ts';

/** Enough to see what a map is, few enough to see the picture. */
const proposed = 2;

/**
 * Concepts whose maps say most to someone who has ticked none yet: named, not the same in every picture, and no mere place; first those that the prompt speaks of, then by
 * their strength at the newest step. Of several with one name the first.
 */
export function proposeTicks({ site: { key, site }, active, counts, strengthAt }: SiteSummary, prompt: string): Ticked[] {
  const newest = counts.findLastIndex((count) => count > 0);
  const asked = new Set(prompt.toLowerCase().split(/[^\p{L}]+/u));
  const telling = active.filter((id) => id in site.labels && !site.contextFree.includes(id) && !isRegionName(site.labels[id])).map((id) => ({
    id, strength: strengthAt(id, newest), asked: site.labels[id].toLowerCase().split(' ').some((word) => word.length > 2 && asked.has(word)),
  }));
  const names = new Set<string>();
  const ids = telling.sort((a, b) => Number(b.asked) - Number(a.asked) || b.strength - a.strength).map(({ id }) => id).filter((id) => {
    if (names.has(site.labels[id])) return false;
    names.add(site.labels[id]);
    return true;
  });
  return ids.slice(0, proposed).map((concept, colour) => ({ site: key, concept, colour }));
}
