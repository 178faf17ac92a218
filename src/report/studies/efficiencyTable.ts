import type { SweepOutcome } from '../../study/outcome.ts';
import { html } from '../html.ts';
import type { Content, Html } from '../html.ts';
import { intervalCell, shortNumber, signedNumber } from './intervalCell.ts';
import { axisValue, placeOf, tell } from './studyTexts.ts';
import type { ShownAxis } from './sweepAxes.ts';
import { bestOf, greatestOf, harmName } from './sweepEffects.ts';
import { sweepCells } from './sweepMaps.ts';

/** What each window achieves at its best, and what that costs, for every effect; nothing where no window is varied. @param harm measure that effects are held against; undefined where there is none */
export function efficiencyTable(sweep: SweepOutcome, axes: readonly ShownAxis[], harm: string | undefined): Content {
  const axis = axes.findIndex(({ isWindow }) => isWindow);
  if (axis < 0) return undefined;
  const cells = sweepCells(sweep);
  const effects = [...new Set(cells.flatMap(({ efficiencies }) => efficiencies.map(({ measure }) => measure)))];
  if (effects.length === 0) return undefined;
  const span = harm === undefined ? 4 : 6;
  const others = axes.map((_, index) => index).filter((index) => index !== axis);
  const reached = (cell: number): Content => placeOf(others.map((index) => axes[index]), others.map((index) => cells[cell].at[index]));
  return html`<h4>${tell('efficiency')}</h4><p class="quiet">${tell('efficiencyHint')}</p>
<div class="wide"><table><thead><tr><th scope="col">${tell('window')}</th><th scope="col">${tell('greatest')}</th><th scope="col">${tell('reachedAt')}</th>${harm !== undefined && html`<th scope="col">${tell('harmThere', harmName(harm))}</th><th scope="col">${tell('perHarm', harmName(harm))}</th>`}<th scope="col">${tell('perCall')}</th></tr></thead>
${effects.map((effect) => {
  const rows = bestOf({ axes: sweep.axes, cells }, axis, effect, harm);
  const [perHarm, perCall] = [greatestOf(rows.map(({ best }) => best?.gainPerHarm)), greatestOf(rows.map(({ best }) => best?.gainPerCall))];
  return html`<tbody><tr><th colspan="${span}" scope="rowgroup">${effect}</th></tr>
${rows.map(({ value, best }) => html`<tr><th scope="row">${axisValue(axes[axis], value)}</th>${best === null ? html`<td colspan="${span - 1}" class="quiet">${tell('nothing')}</td>` : html`${intervalCell(best.effect, signedNumber)}<td>${reached(best.cell)}</td>${harm !== undefined && html`<td>${number(best.harm)}</td>${marked(best.gainPerHarm, perHarm)}`}${marked(best.gainPerCall, perCall)}`}</tr>
`)}</tbody>`;
})}</table></div>`;
}

/** The best of a column is told by a sign, not by colour. */
function marked(value: number | null, most: number | null): Html {
  return html`<td>${value !== null && value === most ? html`<b>${number(value)} *</b>` : number(value)}</td>`;
}

function number(value: number | null): string {
  return value === null ? '–' : shortNumber(value);
}
