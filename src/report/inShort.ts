import type { ShownConcept } from '../experiment/experimentResult.ts';
import type { Html } from './html.ts';
import type { ReportPage } from './reportPage.ts';
import { say } from './texts.ts';

/** The findings of a page in sentences; first and last are told among the concepts drawn with maps. */
export function inShort({ result: { sites, runs }, chosen, axis }: ReportPage): Html[] {
  const shown = sites.flatMap(({ concepts }) => concepts);
  const sentences: Html[] = [];

  const settled = shown.flatMap(({ settle: { median } }) => (median === null ? [] : [median])).sort((a, b) => a - b);
  if (settled.length > 0) {
    const half = settled[(settled.length - 1) >> 1];
    sentences.push(say('halfSettled', half, axis.totalSteps, axis.t[axis.steps.indexOf(half)].toFixed(2), settled.length));
  }
  const appeared = chosen.flatMap(({ concept }) => (concept.onset.median === null ? [] : [{ name: nameOf(concept), step: concept.onset.median }]))
    .sort((a, b) => a.step - b.step);
  const [first, last] = [appeared.at(0), appeared.at(-1)];
  if (first !== undefined && last !== undefined && first.step < last.step) {
    sentences.push(say('firstLast', first.name, first.step, last.name, last.step));
  }
  if (sites.length > 0) sentences.push(say('extent', shown.length, sites.length, runs.length));
  return sentences;
}

function nameOf({ id, label }: ShownConcept): string {
  return label ?? `#${id}`;
}
