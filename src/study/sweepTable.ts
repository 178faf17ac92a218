import { efficienciesOf } from './efficiency.ts';
import type { Interval, MeasureOutcome, SweepOutcome } from './outcome.ts';

/** What stands in one column. */
export interface Column {
  readonly name: string;
  readonly type: 'DOUBLE' | 'INT32' | 'STRING';
  /** [rows] */
  readonly values: readonly (number | string | null)[];
}

const controls = ['identity', 'random-concept', 'shuffled-region'] as const;

/**
 * A sweep as a table: a row for each variant and measure, variants in their order.
 * Columns: `variant`; one for each axis, named by its pointer (numbers where all values are numbers, else JSON); `concepts`; `measure`; `value` with its
 * bounds `value_low` and `value_high`, `n`; `unedited`, `gain` and each control, likewise with bounds; what the gain costs (see `efficienciesOf`); `failed` edited runs.
 */
export function sweepTable({ axes, cells }: SweepOutcome): Column[] {
  const rows = cells.flatMap(({ at, outcome }, variant) => {
    const costs = new Map(efficienciesOf(outcome).map((cost) => [cost.measure, cost]));
    return Object.entries(outcome.measures).map(([measure, measured]) => ({ at, variant, outcome, measure, measured, cost: costs.get(measure) }));
  });
  type Row = typeof rows[number];
  const numbers = (name: string, pick: (row: Row) => number | null | undefined): Column => ({ name, type: 'DOUBLE', values: rows.map((row) => pick(row) ?? null) });
  const whole = (name: string, pick: (row: Row) => number): Column => ({ name, type: 'INT32', values: rows.map(pick) });
  const texts = (name: string, pick: (row: Row) => string): Column => ({ name, type: 'STRING', values: rows.map(pick) });
  const interval = (name: string, pick: (measured: MeasureOutcome) => Interval | undefined): Column[] => [
    numbers(name, ({ measured }) => pick(measured)?.value), numbers(`${name}_low`, ({ measured }) => pick(measured)?.low), numbers(`${name}_high`, ({ measured }) => pick(measured)?.high),
  ];
  return [
    whole('variant', ({ variant }) => variant),
    ...axes.map(({ pointer, values }, axis) => (isNumeric(values) ? numbers(pointer, ({ at }) => values[at[axis]]) : texts(pointer, ({ at }) => textOf(values[at[axis]])))),
    texts('concepts', ({ outcome: { edits } }) => [...new Set(edits.map(({ site, concepts }) => `${site}: ${concepts.join(' ')}`))].join('; ')),
    texts('measure', ({ measure }) => measure),
    ...interval('value', (measured) => measured), whole('n', ({ measured }) => measured.n),
    ...interval('unedited', ({ baseline }) => baseline), ...interval('gain', ({ gain }) => gain),
    ...controls.flatMap((control) => interval(control.replace('-', '_'), ({ controls: byControl }) => (control in byControl ? byControl[control] : undefined))),
    numbers('added_calls', ({ cost }) => cost?.addedCalls), numbers('gain_per_call', ({ cost }) => cost?.gainPerCall),
    numbers('harm', ({ cost }) => cost?.harm), texts('harm_measure', ({ cost }) => cost?.harmMeasure ?? ''), numbers('gain_per_harm', ({ cost }) => cost?.gainPerHarm),
    whole('failed', ({ outcome: { edited } }) => edited.filter(({ folder }) => folder === null).length),
  ];
}

function isNumeric(values: readonly unknown[]): values is readonly number[] {
  return values.every((value) => typeof value === 'number');
}

/** An axis' value as people wrote it. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The same as rows, for JSON. */
export function tableRows(columns: readonly Column[]): Record<string, number | string | null>[] {
  const length = columns.at(0)?.values.length ?? 0;
  return Array.from({ length }, (_, row) => Object.fromEntries(columns.map(({ name, values }) => [name, values[row]])));
}

/** The same as a Parquet file. */
export async function tableParquet(columns: readonly Column[]): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  return new Uint8Array(parquetWriteBuffer({ columnData: columns.map(({ name, type, values }) => ({ name, type, data: [...values], nullable: type !== 'INT32' })) }));
}
