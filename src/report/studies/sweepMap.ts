import type { ControlName, Interval, SweepOutcome } from '../../study/outcome.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { boundsText } from './intervalCell.ts';
import { mostTiles } from './studyPage.ts';
import type { StudyPage } from './studyPage.ts';
import { studyPicture } from './studyPictures.ts';
import { axisValue, tell } from './studyTexts.ts';
import type { ShownAxis } from './sweepAxes.ts';
import type { Tint } from './tint.ts';

/** What a map tells of one variant. */
export interface Tile {
  readonly value: Interval;
  readonly controls: readonly { readonly name: ControlName; readonly value: number | null }[];
}

export interface SweepMap {
  readonly title: Html;
  readonly tiles: readonly (Tile | null)[];
  readonly number: (value: number) => string;
  readonly tint: Tint;
}

/** Which variants stand where, with the names of rows and columns. */
export interface MapPlaces {
  /** [rows][columns]: index of a variant; null where there is none. */
  readonly grid: readonly (readonly (number | null)[])[];
  readonly down: ShownAxis;
  /** Undefined where the sweep has one axis. */
  readonly across: ShownAxis | undefined;
}

/** Variants over two axes: the picture of the first seed, under it a bar in the colour of the value, the value with its interval, and those of its controls. */
export function sweepMap({ title, tiles, number, tint }: SweepMap, { grid, down, across }: MapPlaces, { cells }: SweepOutcome, { pictures }: StudyPage): Html {
  const tile = (cell: number | null): Html => {
    if (cell === null) return html`<td></td>`;
    const told = tiles[cell];
    const value = told?.value.value ?? null;
    const picture = cell < mostTiles ? studyPicture(cells[cell].outcome.edited[0].folder, pictures) : undefined;
    return html`<td>${picture ?? html`<div class="missing">${tell('gone')}</div>`}<svg class="bar" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">${value !== null && html`<rect class="${tint.classOf(value)}" width="1" height="1"/>`}</svg>
${told === null || value === null ? tell('nothing') : html`<b>${number(value)}</b><br><span class="quiet">${boundsText(told.value).trim()} n ${told.value.n}</span>${told.controls.map((control) => html`<br><span class="quiet">${tell(control.name)} ${control.value === null ? '–' : number(control.value)}</span>`)}`}</td>`;
  };
  return html`<div class="map"><h5>${title} ${tint.legend}</h5><div class="wide"><table class="tiles"><thead><tr><th scope="col">${down.name}${across !== undefined && ` \\ ${across.name}`}</th>${across === undefined ? html`<th scope="col"></th>` : across.values.map((_, index) => html`<th scope="col">${axisValue(across, index)}</th>`)}</tr></thead><tbody>
${grid.map((row, index) => html`<tr><th scope="row">${axisValue(down, index)}</th>${row.map(tile)}</tr>
`)}</tbody></table></div></div>`;
}
