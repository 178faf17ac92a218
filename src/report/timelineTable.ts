import type { MarkSpread } from '../concepts/summariseConcepts.ts';
import type { ExperimentResult, ShownConcept, SiteResult } from '../experiment/experimentResult.ts';
import { percent } from './percent.ts';
import { sparkline } from './sparkline.ts';
import { layOutAxis } from './timeAxis.ts';
import type { TimeAxis } from './timeAxis.ts';

/** Rows of a site; the report has the others. */
const rowsShown = 8;
const nameWidth = 24;
const factsWidth = 32;

/**
 * The timelines as text for a terminal: a table per site, a line per concept, time from left to right.
 * @param columns width of the terminal in characters
 */
export function timelineTable({ sites, steps, t, runs }: ExperimentResult, columns: number): string {
  const width = Math.min(steps.length, Math.max(10, columns - nameWidth - factsWidth - 4));
  const axis = windowLine(layOutAxis(steps, t, runs[0].manifest.timesteps.length), width);
  return sites.map((site) => `${siteTable(site, width, axis)}\n`).join('');
}

function siteTable({ site, branch, concepts, active, traces: [{ height, width, n }] }: SiteResult, curveWidth: number, axis: string): string {
  const shown = concepts.slice(0, rowsShown);
  const head = `${site}${branch === 'uncond' ? ' (uncond)' : ''} · ${height} × ${width} cells · ${active} of ${n} concepts active`;
  const rows = shown.map((concept) => line(nameOf(concept), sparkline(concept.gamma, curveWidth), curveWidth, [
    markOf(concept.onset), markOf(concept.peak), markOf(concept.settle), percent(concept.strength),
  ]));
  const rest = concepts.length > shown.length ? [`  ${concepts.length - shown.length} more in the report`] : [];
  return `${[head, line('', axis, curveWidth, ['appears', 'peak', 'settles', 'strength']), ...rows, ...rest].join('\n')}\n`;
}

/** One row: name, curve, and four right-aligned numbers. */
function line(name: string, curve: string, curveWidth: number, facts: readonly string[]): string {
  return `${name.padEnd(nameWidth)}  ${curve.padEnd(curveWidth)}  ${facts.map((fact) => fact.padStart(factsWidth / 4 - 1)).join(' ')}`;
}

/** `  312 red house`, cut to the column; control characters of a label never reach the terminal. */
function nameOf({ id, label = '' }: ShownConcept): string {
  const clean = label.replace(/\p{C}/gu, '�');
  const room = nameWidth - 7;
  return `${String(id).padStart(6)} ${clean.length > room ? `${clean.slice(0, room - 1)}…` : clean}`;
}

/** A mark's median step, with ± where the runs differ. */
function markOf({ median, low, high }: MarkSpread): string {
  return `${median === null ? '–' : String(median)}${low === high ? '' : '±'}`;
}

/** The windows' names above their columns, cut where they do not fit. */
function windowLine({ windows, steps }: TimeAxis, width: number): string {
  const at = (column: number): number => Math.round((column * width) / steps.length);
  return windows.map(({ name, from, to }) => name.slice(0, Math.max(0, at(to) - at(from) - 1)).padEnd(at(to) - at(from))).join('');
}
