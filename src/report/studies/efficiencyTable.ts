import type { SweepOutcome } from '../../study/outcome.ts';
import { html } from '../html.ts';
import type { Content, Html } from '../html.ts';
import { intervalCell, shortNumber, signedNumber } from './intervalCell.ts';
import { axisValue, tell } from './studyTexts.ts';
import type { ShownAxis } from './sweepAxes.ts';
import { bestOf } from './sweepEffects.ts';
import { sweepCells } from './sweepMaps.ts';

/** What each window achieves at its best, and what that costs, for every effect; nothing where no window is varied. */
export function efficiencyTable(sweep: SweepOutcome, axes: readonly ShownAxis[]): Content {
  const axis = axes.findIndex(({ isWindow }) => isWindow);
  if (axis < 0) return undefined;
  const cells = sweepCells(sweep);
  const effects = [...new Set(cells.flatMap(({ efficiencies }) => efficiencies.map(({ measure }) => measure)))];
  if (effects.length === 0) return undefined;
  const harm = cells.flatMap(({ efficiencies }) => efficiencies).at(0)?.harmMeasure ?? '–';
  const reached = (cell: number): string => axes.flatMap(({ name, values }, index) => (index === axis ? [] : [`${name} ${values[cells[cell].at[index]]}`])).join(', ');
  return html`<h4>${tell('efficiency')}</h4><p class="quiet">${tell('efficiencyHint')}</p>
<div class="wide"><table><thead><tr><th scope="col">${tell('window')}</th><th scope="col">${tell('greatest')}</th><th scope="col">${tell('reachedAt')}</th><th scope="col">${tell('harmThere', harm)}</th><th scope="col">${tell('perHarm')}</th><th scope="col">${tell('perCall')}</th></tr></thead>
${effects.map((effect) => {
  const rows = bestOf({ axes: sweep.axes, cells }, axis, effect);
  const most = (pick: (row: (typeof rows)[number]) => number | null | undefined): number => Math.max(...rows.map((row) => pick(row) ?? -Infinity));
  const [perHarm, perCall] = [most(({ best }) => best?.cost.gainPerHarm), most(({ best }) => best?.cost.gainPerCall)];
  return html`<tbody><tr><th colspan="6" scope="rowgroup">${effect}</th></tr>
${rows.map(({ value, best }) => html`<tr><th scope="row">${axisValue(axes[axis], value)}</th>${best === null ? html`<td colspan="5" class="quiet">${tell('nothing')}</td>` : html`${intervalCell(best.effect, signedNumber)}<td>${reached(best.cell)}</td><td>${number(best.cost.harm)}</td>${marked(best.cost.gainPerHarm, perHarm)}${marked(best.cost.gainPerCall, perCall)}`}</tr>
`)}</tbody>`;
})}</table></div>`;
}

/** The best of a column is told by a sign, not by colour; what gains nothing is best at nothing. */
function marked(value: number | null, most: number): Html {
  return html`<td>${value !== null && value === most && value > 0 ? html`<b>${number(value)} *</b>` : number(value)}</td>`;
}

function number(value: number | null): string {
  return value === null ? '–' : shortNumber(value);
}
