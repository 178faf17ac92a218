import { digits } from '../study/expectations.ts';
import type { ExperimentOutcome, Interval, SweepOutcome } from '../study/outcome.ts';
import { textOf } from '../study/sweepTable.ts';

/** What an experiment showed, as text for a terminal: a row a measure, controls beside the value. Control characters of names never reach the terminal. */
export function outcomeText(outcome: ExperimentOutcome): string {
  const { name, why, seeds, measures, controls, without, identityHolds, expectations, edited } = outcome;
  const drawn = [...new Set(controls.map(({ control }) => control))];
  const rows = Object.entries(measures).map(([measure, measured]) => [
    measure, short(measured), measured.baseline === undefined ? '' : short(measured.baseline),
    ...drawn.map((control) => (control in measured.controls ? short(measured.controls[control]) : '–')), String(measured.n),
  ]);
  const draws = Math.max(0, ...controls.filter(({ control }) => control !== 'identity').map(({ draw }) => draw + 1));
  return lines([
    `experiment ${name}${why === '' ? '' : `: ${why}`}`,
    `  means over ${seeds.length} seed${seeds.length === 1 ? '' : 's'}${draws === 0 ? '' : ` (controls: and ${draws} draws)`}; in brackets: bootstrap, 95 %`,
    ...(rows.length === 0 ? ['  nothing is measured: name measures under "measure"'] : columns([['measure', 'edited', 'unedited', ...drawn, 'n'], ...rows])),
    ...without.map(({ control, reason }) => `  without ${control}: ${reason}`),
    ...(identityHolds === null ? [] : [`  identity: the splice with nothing to do ${identityHolds ? 'leaves' : 'DOES NOT LEAVE'} the prediction as it is, bit for bit`]),
    ...edited.flatMap(({ seed, fault }) => (fault === undefined ? [] : [`  seed ${seed} failed: ${fault}`])),
    ...expectations.map(({ measure, passed, reason }) => `  ${passed ? 'passed' : 'FAILED'} ${measure}: ${reason}`),
  ]);
}

/** What a sweep showed: a row a variant, a column a measure. */
export function sweepText({ name, of, axes, cells, cost }: SweepOutcome): string {
  const names = [...new Set(cells.flatMap(({ outcome }) => Object.keys(outcome.measures)))];
  const rows = cells.map(({ at, outcome }) => [
    ...axes.map(({ values }, axis) => textOf(values[at[axis]])),
    ...names.map((measure) => (Object.hasOwn(outcome.measures, measure) ? short(outcome.measures[measure]) : '–')), // a sweep may vary what is measured
  ]);
  return lines([
    `sweep ${name} of ${of}: ${cells.length} variants, ${cost.unetCalls} U-Net calls instead of ${cost.naiveUnetCalls}`,
    ...columns([[...axes.map(({ pointer }) => pointer), ...names], ...rows]),
  ]);
}

/** `0.5 (0 to 1)`. */
function short({ value, low, high }: Interval): string {
  if (value === null) return '–';
  return low === null || high === null ? digits(value) : `${digits(value)} (${digits(low)} to ${digits(high)})`;
}

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column])).join('  ')}`.trimEnd());
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text.replace(/\p{C}/gu, '�')}\n`).join('');
}
