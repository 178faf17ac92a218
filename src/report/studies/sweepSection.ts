import type { SweepOutcome } from '../../study/outcome.ts';
import type { StoredPart } from '../../study/readStudies.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { efficiencyTable } from './efficiencyTable.ts';
import { costLine, editList } from './experimentSection.ts';
import type { StudyPage } from './studyPage.ts';
import { studyPicture } from './studyPictures.ts';
import { axisValue, listed, placeOf, tell } from './studyTexts.ts';
import { shownAxes } from './sweepAxes.ts';
import type { ShownAxis } from './sweepAxes.ts';
import { shownMeasures, sweepMaps } from './sweepMaps.ts';
import { sweepTables } from './sweepTables.ts';

/** Failures told one by one. */
const mostFaults = 20;

/** What an experiment does over a grid of values: its first variant in words, maps of effect and harm, what each window achieves, and every number. @param id its anchor */
export function sweepSection({ name, outcome, fault, stale }: StoredPart<SweepOutcome>, id: string, page: StudyPage): Html {
  return html`<article class="study" id="${id}"><h3>${name}</h3>
${fault !== undefined && html`<p><b>${tell('unreadable', fault)}</b></p>`}${stale && html`<p><b>${tell('stale')}</b></p>`}${outcome !== undefined && body(outcome, page)}</article>`;
}

function body(sweep: SweepOutcome, page: StudyPage): Html {
  const axes = shownAxes(sweep.axes);
  const [{ outcome: first }] = sweep.cells;
  const unedited = studyPicture(first.baseline[0].folder, page.pictures);
  return html`<p>${tell('editsOf', sweep.of)} ${listed('; ', axes.map((axis) => html`${axis.name} (${listed(', ', axis.values.map((_, value) => axisValue(axis, value)))})`))}</p>
<p class="caption quiet">${placeOf(axes, sweep.cells[0].at)}:</p>${editList(first, page)}
${checks(sweep, axes)}
${unedited !== undefined && html`<div class="pairs"><figure>${unedited}<figcaption>${tell('seed', first.seeds[0])} · ${tell('unedited')}</figcaption></figure></div>`}
${sweepMaps(sweep, axes, page)}
${efficiencyTable(sweep, axes, shownMeasures(sweep).harm)}
${sweepTables(sweep, axes)}
${costLine(sweep.cost)}`;
}

/** Identity, expectations, and failures over all variants. */
function checks({ cells }: SweepOutcome, axes: readonly ShownAxis[]): Html {
  const checked = cells.filter(({ outcome }) => outcome.identityHolds !== null);
  const holding = checked.filter(({ outcome }) => outcome.identityHolds === true).length;
  const expected = cells.flatMap(({ outcome }) => outcome.expectations);
  const passed = expected.filter((expectation) => expectation.passed).length;
  const left = new Map(cells.flatMap(({ outcome }) => outcome.without.map(({ control, reason, reasonPhrase }) => [`${control} ${reason}`, { control, reason: reasonPhrase ?? reason }] as const)));
  const faults = cells.flatMap(({ at, outcome }) => outcome.edited.flatMap(({ seed, fault, faultPhrase }) => (fault === undefined ? [] : [{ place: axes.map(({ name, values }, axis) => `${name} ${values[at[axis]]}`).join(', '), seed, fault: faultPhrase ?? fault }])));
  const sign = (good: boolean): Html => html`<b>${good ? '✓' : '✗'}</b> `;
  return html`<ul class="verdicts">${expected.length > 0 && html`<li>${sign(passed === expected.length)}${tell('expectations', passed, expected.length)}</li>`}${checked.length > 0 && html`<li>${sign(holding === checked.length)}${tell('identityCells', holding, checked.length)}</li>`}${[...left.values()].map(({ control, reason }) => html`<li>${tell('without')} “${tell(control)}”${tell('withoutControl', reason)}</li>`)}${faults.slice(0, mostFaults).map(({ place, seed, fault }) => html`<li>${sign(false)}${tell('faultAt', place, seed, fault)}</li>`)}${faults.length > mostFaults && html`<li>${tell('more', faults.length - mostFaults)}</li>`}</ul>`;
}
