import type { JSX } from 'preact';
import { columnLeft } from '../layout/columns.ts';
import type { Columns } from '../layout/columns.ts';

interface StretchProps {
  /** Its class: what it means. */
  readonly kind: string;
  readonly columns: Columns;
  /** First column. */
  readonly from: number;
  /** Column after the last. */
  readonly to: number;
}

/** Some columns, through everything that stands under the axis. */
export function Stretch({ kind, columns, from, to }: StretchProps): JSX.Element {
  const left = columnLeft(columns, from);
  return <div class={kind} style={{ transform: `translateX(${left}px)`, width: `${columnLeft(columns, to) - left}px` }} />;
}
