import type { ExperimentOutcome } from '../../study/outcome.ts';
import type { StoredPart } from '../../study/readStudies.ts';
import { html } from '../html.ts';
import type { Content, Html } from '../html.ts';
import { percent } from '../percent.ts';
import { editSentence } from './editSentence.ts';
import { measurePlots } from './measurePlots.ts';
import { measureTable } from './measureTable.ts';
import { mostPairs } from './studyPage.ts';
import type { StudyPage } from './studyPage.ts';
import { studyPicture } from './studyPictures.ts';
import { tell } from './studyTexts.ts';
import { verdicts } from './verdicts.ts';

/** What the edits of one experiment caused: in words first, then pictures, numbers, and the numbers drawn. @param id its anchor */
export function experimentSection({ name, outcome, fault, stale }: StoredPart<ExperimentOutcome>, id: string, page: StudyPage): Html {
  return html`<article class="study" id="${id}"><h3>${name}</h3>
${fault !== undefined && html`<p><b>${tell('unreadable', fault)}</b></p>`}${stale && html`<p><b>${tell('stale')}</b></p>`}${outcome !== undefined && body(outcome, page)}</article>`;
}

function body(outcome: ExperimentOutcome, page: StudyPage): Html {
  const { why, measures } = outcome;
  const measured = Object.keys(measures).length > 0;
  return html`${why !== '' && html`<p class="why">${why}</p>`}${editList(outcome, page)}
${verdicts(outcome)}
${pairs(outcome, page)}
${measured ? measureTable(measures) : html`<p class="quiet">${tell('noMeasures')}</p>`}
${measured && html`<h4>${tell('plots')}</h4>${measurePlots(outcome)}`}
${costLine(outcome.cost)}`;
}

/** Every edit as a sentence. */
export function editList({ edits, totalSteps, t }: ExperimentOutcome, { names }: StudyPage): Html {
  if (edits.length === 0) return html`<p>${tell('noEdit')}</p>`;
  return html`<ul class="edits">${edits.map((edit) => html`<li>${editSentence(edit, { totalSteps, t }, names)}</li>`)}</ul>`;
}

/** What the runs took, and what they would have one by one. */
export function costLine({ unetCalls, naiveUnetCalls }: ExperimentOutcome['cost']): Html {
  return html`<p class="quiet">${tell('cost', unetCalls, naiveUnetCalls, naiveUnetCalls > 0 ? percent(unetCalls / naiveUnetCalls) : '–')}</p>`;
}

/** Unedited and edited pictures of the first seeds, each pair side by side. */
function pairs({ seeds, baseline, edited }: ExperimentOutcome, { pictures }: StudyPage): Content {
  const shown = seeds.slice(0, mostPairs).map((seed, index) => ({ seed, before: studyPicture(baseline[index].folder, pictures), after: studyPicture(edited[index].folder, pictures) }));
  if (shown.every(({ before, after }) => before === undefined && after === undefined)) return undefined;
  const cell = (picture: Html | undefined, caption: Html): Html => html`<figure>${picture ?? html`<div class="missing">${tell('gone')}</div>`}<figcaption>${caption}</figcaption></figure>`;
  return html`<div class="pairs">${shown.map(({ seed, before, after }) => html`<div class="pair">${cell(before, html`${tell('seed', seed)} · ${tell('unedited')}`)}${cell(after, tell('edited'))}</div>`)}</div>`;
}
