import type { StoredPart } from '../../study/readStudies.ts';
import { html } from '../html.ts';
import type { Content, Html } from '../html.ts';
import { experimentSection } from './experimentSection.ts';
import { boundsText, shortNumber } from './intervalCell.ts';
import type { StudyPage } from './studyPage.ts';
import { studyPictureStore } from './studyPictures.ts';
import { tell } from './studyTexts.ts';
import { sweepSection } from './sweepSection.ts';

/** Experiments told in the head of the page. */
const mostInShort = 4;

/** Experiments and sweeps of a spec; nothing where it has none. */
export function studySections(page: StudyPage): Content {
  const { experiments, sweeps, pictures } = page;
  const shown = <T>(parts: readonly StoredPart<T>[]): readonly StoredPart<T>[] => parts.filter(({ outcome, fault }) => outcome !== undefined || fault !== undefined);
  const waiting = [...experiments, ...sweeps].filter(({ outcome, fault }) => outcome === undefined && fault === undefined).map(({ name }) => name);
  if (experiments.length + sweeps.length === 0) return undefined;
  return html`${studyPictureStore(pictures)}
<section class="studies"><h2>${tell('experiments')}</h2>
<p class="prose">${tell('howToRead')}</p>
${waiting.length > 0 && html`<p>${tell('notRun', waiting.join(', '))}</p>`}${shown(experiments).map((part) => experimentSection(part, anchorOf('experiment', experiments.indexOf(part)), page))}</section>
${shown(sweeps).length > 0 && html`<section class="studies"><h2>${tell('sweeps')}</h2>
${shown(sweeps).map((part) => sweepSection(part, anchorOf('sweep', sweeps.indexOf(part)), page))}</section>`}`;
}

/** The first measure of the first experiments in a line each, beside the unedited runs and a random concept; what answers another question by now is told further down alone. */
export function studiesInShort({ experiments }: StudyPage): Html[] {
  return experiments.flatMap(({ name, outcome, stale }, index) => {
    const first = Object.entries(outcome?.measures ?? {}).at(0);
    if (first === undefined || stale) return [];
    const [measure, { baseline, controls, ...interval }] = first;
    const [unedited, random] = [baseline?.value ?? null, Object.hasOwn(controls, 'random-concept') ? controls['random-concept'].value : null];
    return [html`<a href="#${anchorOf('experiment', index)}">${tell('inShort', name, measure, interval.value === null ? '–' : shortNumber(interval.value), boundsText(interval))}</a>${unedited !== null && tell('inShortUnedited', shortNumber(unedited))}${random !== null && tell('inShortControl', shortNumber(random))}`];
  }).slice(0, mostInShort);
}

function anchorOf(kind: 'experiment' | 'sweep', index: number): string {
  return `${kind}-${index}`;
}
