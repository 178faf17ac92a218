import type { JSX } from 'preact';
import { axisTicks, columnLeft } from '../layout/columns.ts';
import type { Columns } from '../layout/columns.ts';

/** Step numbers along the axis. @param steps [columns] */
export function Ticks({ steps, columns }: { readonly steps: readonly number[]; readonly columns: Columns }): JSX.Element {
  return <>{axisTicks(steps, columns).map((column) => <span key={column} class="tick" style={{ left: `${columnLeft(columns, column + 0.5)}px` }}>{steps[column]}</span>)}</>;
}
