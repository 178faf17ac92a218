import type { SweepOutcome } from '../../study/outcome.ts';
import { html } from '../html.ts';
import type { Content, Html } from '../html.ts';
import { groupMeasures } from './measureGroups.ts';
import { columnsOf, definitionOf, measureCells, measureHeadings } from './measureTable.ts';
import { axisValue, tell } from './studyTexts.ts';
import type { ShownAxis } from './sweepAxes.ts';

/** Variants before the fold, and in the page at all. */
const rowsShown = 24;
const mostRows = 240;

/** Every variant, measure by measure. */
export function sweepTables({ cells }: SweepOutcome, axes: readonly ShownAxis[]): Content {
  const all = Object.assign({}, ...cells.map(({ outcome }) => outcome.measures)) as SweepOutcome['cells'][number]['outcome']['measures'];
  const groups = groupMeasures(all);
  if (groups.length === 0) return html`<p class="quiet">${tell('noMeasures')}</p>`;
  return html`<h4>${tell('tableOf')}</h4>${groups.map(({ group, names }) => html`<h5>${tell(group)}</h5>${names.map((name) => measureVariants(name, definitionOf(all[name])))}`)}
${cells.length > mostRows && html`<p class="quiet">${tell('beyond', cells.length - mostRows)}</p>`}`;

  function measureVariants(name: string, definition: Html): Html {
    const columns = columnsOf(cells.flatMap(({ outcome: { measures } }) => (Object.hasOwn(measures, name) ? [measures[name]] : [])));
    const rows = cells.slice(0, mostRows).map(({ at, outcome: { measures } }) => html`<tr>${axes.map((shown, axis) => html`<th scope="row">${axisValue(shown, at[axis])}</th>`)}${measureCells(Object.hasOwn(measures, name) ? measures[name] : undefined, columns)}</tr>
`);
    const table = (of: readonly Html[]): Html => html`<div class="wide"><table><thead><tr>${axes.map((axis) => html`<th scope="col">${axis.name}</th>`)}${measureHeadings(columns)}</tr></thead><tbody>
${of}</tbody></table></div>`;
    return html`<p class="caption"><b>${name}</b> <span class="quiet">${definition}</span></p>${table(rows.slice(0, rowsShown))}${rows.length > rowsShown && html`<details><summary>${tell('more', rows.length - rowsShown)}</summary>${table(rows.slice(rowsShown))}</details>`}`;
  }
}
