import { isRegionName } from '../../src/spec/regions.ts';
import type { PanelSite } from '../protocol.ts';
import type { SiteSummary } from '../trace/siteSummary.ts';
import type { Ticked } from './view.ts';

/** Enough to see what a map is, few enough to see the picture. */
const proposed = 2;

/** Concepts with a name that tells what is there: not the same in every picture, and no mere place. */
function tellingConcepts({ labels, contextFree }: PanelSite): number[] {
  const same = new Set(contextFree);
  return Object.keys(labels).map(Number).filter((id) => !same.has(id) && !isRegionName(labels[id]));
}

/** The site to look at first: where most concepts have a telling name, among equals the middle of the network. @returns its index, -1 of nothing */
export function firstSite(sites: readonly PanelSite[]): number {
  const counts = sites.map((site) => tellingConcepts(site).length);
  const most = Math.max(0, ...counts);
  const middle = sites.findIndex(({ site }) => site.startsWith('mid_block'));
  return counts.at(middle) === most && middle >= 0 ? middle : counts.indexOf(most);
}

/**
 * Concepts whose maps say most to someone who has ticked none yet, by their strength at the newest step: first for each word of the prompt the strongest with a
 * telling name that speaks of it, so that one thing does not hide the others, then any with a telling name. No name comes twice.
 */
export function proposeTicks({ site: { key, site }, strength, counts, strengthAt }: SiteSummary, prompt: string): Ticked[] {
  const newest = counts.findLastIndex((count) => count > 0);
  const telling = tellingConcepts(site).filter((id) => strength[id] > 0)
    .map((id) => ({ id, name: site.labels[id], words: wordsOf(site.labels[id]), strength: strengthAt(id, newest) }))
    .sort((a, b) => b.strength - a.strength);
  const asked = wordsOf(prompt).flatMap((word) => telling.find((concept) => concept.strength > 0 && concept.words.includes(word)) ?? [])
    .sort((a, b) => b.strength - a.strength);
  const ids = new Map<string, number>();
  for (const { name, id } of [...asked, ...telling]) if (!ids.has(name)) ids.set(name, id);
  return [...ids.values()].slice(0, proposed).map((concept, colour) => ({ site: key, concept, colour }));
}

/** Words that may name a thing: no short ones (a, of, in), and no places. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().split(/[^\p{L}]+/u).filter((word) => word.length > 2 && !isRegionName(word));
}
