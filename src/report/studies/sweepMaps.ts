import { efficienciesOf } from '../../study/efficiency.ts';
import type { SweepOutcome } from '../../study/outcome.ts';
import { html } from '../html.ts';
import type { Content, Html } from '../html.ts';
import { shortNumber, signedNumber } from './intervalCell.ts';
import { controlsOf } from './measureTable.ts';
import { mostSlices } from './studyPage.ts';
import type { StudyPage } from './studyPage.ts';
import { tell } from './studyTexts.ts';
import { cellsOfSlice } from './sweepAxes.ts';
import type { ShownAxis } from './sweepAxes.ts';
import { harmKind, harmName, harmOfInterval, isComparison, isHarm, measuresOf } from './sweepEffects.ts';
import type { SweepCell } from './sweepEffects.ts';
import { sweepMap } from './sweepMap.ts';
import type { SweepMap, Tile } from './sweepMap.ts';
import { tintOf } from './tint.ts';

/** Effects that have a map of their own. */
const mostEffects = 3;

/** A sweep as the plots of both report and panel take it. */
export function sweepCells({ cells }: SweepOutcome): SweepCell[] {
  return cells.map(({ at, outcome }) => ({ at, measures: outcome.measures, efficiencies: efficienciesOf(outcome) }));
}

/** Measures of a sweep that have values: those whose effect is shown, and the one that they are held against; undefined where there is none. */
export function shownMeasures(sweep: SweepOutcome): { readonly effects: readonly string[]; readonly harm: string | undefined } {
  const measured = { axes: sweep.axes, cells: sweepCells(sweep) };
  const { effects, harms } = measuresOf(measured);
  const told = (name: string): boolean => measured.cells.some(({ measures }) => Object.hasOwn(measures, name) && measures[name].value !== null);
  const shown = effects.filter((name, index) => told(name) && (index === 0 || !isHarm(name))).slice(0, mostEffects);
  return { effects: shown, harm: harms.find((name) => told(name) && !shown.includes(name)) };
}

/** Maps of the effects, then of what they are held against, for every slice of two axes: windows down, what else is varied across. */
export function sweepMaps(sweep: SweepOutcome, axes: readonly ShownAxis[], page: StudyPage): Content {
  const { effects, harm } = shownMeasures(sweep);
  const maps = [...effects.map((name) => effectMap(name, sweep)), ...(harm === undefined ? [] : [harmMap(harm, sweep)])];
  if (maps.length === 0) return undefined;
  const slices = slicesOf(sweep, axes);
  return html`<p class="quiet">${tell('mapHint', sweep.cells[0].outcome.seeds[0])}</p>
${slices.slice(0, mostSlices).map(({ name, ...places }) => html`${name !== '' && html`<h4>${tell('slice', name)}</h4>`}<div class="maps">${maps.map((map) => sweepMap(map, places, sweep, page))}</div>`)}${slices.length > mostSlices && html`<p class="quiet">${tell('moreSlices', slices.length - mostSlices)}</p>`}`;
}

function effectMap(name: string, sweep: SweepOutcome): SweepMap {
  const { cells } = sweep;
  const comparison = isComparison({ cells: sweepCells(sweep) }, name);
  return mapOf(tell(comparison ? 'mapOfComparison' : 'mapOf', name), comparison ? shortNumber : signedNumber, cells.map(({ outcome: { measures } }) => {
    if (!Object.hasOwn(measures, name)) return null;
    const { gain, controls } = measures[name];
    return { value: gain, controls: controlsOf([measures[name]]).filter((control) => control !== 'identity').map((control) => ({ name: control, value: controls[control].gain.value })) };
  }));
}

const mapTitles = { harm: 'mapOfHarm', change: 'mapOfChange', strain: 'mapOfStrain' } as const;

function harmMap(name: string, { cells }: SweepOutcome): SweepMap {
  return mapOf(tell(mapTitles[harmKind(name) ?? 'change'], harmName(name)), shortNumber, cells.map(({ outcome: { measures } }) => {
    if (!Object.hasOwn(measures, name)) return null;
    const { controls } = measures[name];
    return {
      value: harmOfInterval(measures[name], name),
      controls: controlsOf([measures[name]]).filter((control) => control !== 'identity').map((control) => ({ name: control, value: harmOfInterval(controls[control], name).value })),
    };
  }));
}

function mapOf(title: Html, number: (value: number) => string, tiles: readonly (Tile | null)[]): SweepMap {
  return { title, tiles, number, tint: tintOf(tiles.flatMap((tile) => tile?.value.value ?? [])) };
}

/** Every combination of the axes beyond two. */
function slicesOf(sweep: SweepOutcome, axes: readonly ShownAxis[]): { name: string; grid: (number | null)[][]; down: ShownAxis; across: ShownAxis | undefined }[] {
  const rows = Math.max(axes.findIndex(({ isWindow }) => isWindow), 0);
  const columns = axes.findIndex((_, axis) => axis !== rows);
  const others = axes.map((_, axis) => axis).filter((axis) => axis !== rows && axis !== columns);
  const seen = new Map<string, readonly number[]>();
  for (const { at } of sweep.cells) seen.set(others.map((axis) => at[axis]).join(), at);
  return [...seen.values()].map((fixed) => ({
    name: others.map((axis) => `${axes[axis].name} ${axes[axis].values[fixed[axis]]}`).join(', '),
    grid: cellsOfSlice(sweep, { rows, columns: columns < 0 ? null : columns, fixed }), down: axes[rows], across: columns < 0 ? undefined : axes[columns],
  }));
}
