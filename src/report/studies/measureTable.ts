import type { ControlName, MeasureOutcome } from '../../study/outcome.ts';
import { html } from '../html.ts';
import type { Content, Html } from '../html.ts';
import { boundsText, intervalCell, shortNumber, signedNumber } from './intervalCell.ts';
import { groupMeasures } from './measureGroups.ts';
import { tell, tellPhrase } from './studyTexts.ts';

const controlNames: readonly ControlName[] = ['identity', 'random-concept', 'shuffled-region'];

/** Controls that any of these measures has, in the order of the house. */
export function controlsOf(measures: readonly MeasureOutcome[]): readonly ControlName[] {
  return controlNames.filter((name) => measures.some(({ controls }) => Object.hasOwn(controls, name)));
}

/** Which columns a table of measures has, so that none stands empty. */
export interface MeasureColumns {
  /** Any measure has a value of the unedited runs. */
  readonly unedited: boolean;
  readonly controls: readonly ControlName[];
}

/** The columns that these measures need. */
export function columnsOf(measures: readonly MeasureOutcome[]): MeasureColumns {
  return { unedited: measures.some(({ baseline }) => baseline !== undefined), controls: controlsOf(measures) };
}

/** Headings over what `measureCells` gives. */
export function measureHeadings({ unedited, controls }: MeasureColumns): Html {
  return html`<th scope="col">${tell('edited')}</th>${unedited && html`<th scope="col">${tell('unedited')}</th><th scope="col">${tell('gain')}</th>`}${controls.map((name) => html`<th scope="col">${tell(name)}</th>`)}`;
}

/** A measure's value, the unedited one, the gain, and every control's value; empty where something does not apply. */
export function measureCells(measure: MeasureOutcome | undefined, { unedited, controls }: MeasureColumns): Html {
  if (measure === undefined) return html`<td colspan="${(unedited ? 3 : 1) + controls.length}" class="quiet">${tell('nothing')}</td>`;
  const { baseline, gain } = measure;
  return html`${intervalCell(measure)}${unedited && html`${intervalCell(baseline)}${intervalCell(baseline === undefined ? undefined : gain, signedNumber)}`}${controls.map((name) => intervalCell(Object.hasOwn(measure.controls, name) ? measure.controls[name] : undefined))}`;
}

/** The measures of an experiment, by what they are about, controls beside every value; then how each is defined. */
export function measureTable(measures: Readonly<Record<string, MeasureOutcome>>): Html {
  const columns = columnsOf(Object.values(measures));
  const span = (columns.unedited ? 4 : 2) + columns.controls.length;
  const groups = groupMeasures(measures);
  return html`<div class="wide"><table><thead><tr><th scope="col">${tell('measure')}</th>${measureHeadings(columns)}</tr></thead>
${groups.map(({ group, names }) => html`<tbody><tr><th colspan="${span}" scope="rowgroup">${tell(group)}</th></tr>
${names.map((name) => html`<tr><th scope="row">${name}</th>${measureCells(measures[name], columns)}</tr>
`)}</tbody>`)}</table></div>
<dl class="definitions">${groups.flatMap(({ names }) => names).map((name) => html`<dt>${name}</dt><dd>${definitionOf(measures[name])}${ratioText(measures[name])}</dd>`)}</dl>`;
}

/** How a number is defined and which network gave it. */
export function definitionOf({ definition, definitionPhrase }: MeasureOutcome): Html {
  return tellPhrase(definitionPhrase, definition);
}

/** Of the meter of health: how long the edited updates are beside the unedited ones. */
function ratioText({ normRatio }: MeasureOutcome): Content {
  if (normRatio === undefined || normRatio.value === null) return undefined;
  return html`; ‖Δ′‖/‖Δ‖ ${shortNumber(normRatio.value)}${boundsText(normRatio)} n ${normRatio.n}`;
}
