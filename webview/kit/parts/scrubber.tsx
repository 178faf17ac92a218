import type { ComponentChildren, JSX } from 'preact';
import { columnAt } from '../layout/columns.ts';
import type { Columns } from '../layout/columns.ts';
import { cursorByKey } from '../layout/cursorByKey.ts';

interface ScrubberProps {
  readonly label: string;
  /** The step under the cursor in words. */
  readonly text: string;
  /** [columns]: step numbers. */
  readonly steps: readonly number[];
  /** Column that the cursor is in by now, as keys may come faster than frames; -1 before the first. */
  readonly cursor: () => number;
  readonly columns: Columns;
  /** Told of a column, perhaps beyond the ends. */
  readonly onMove: (column: number) => void;
  readonly children: ComponentChildren;
}

/** What stands along the axis, as a slider that moves the cursor. */
export function Scrubber({ label, text, steps, cursor, columns, onMove, children }: ScrubberProps): JSX.Element {
  const scrub = (event: PointerEvent): void => { onMove(columnAt(columns, event.clientX - (event.currentTarget as HTMLElement).getBoundingClientRect().left)); };
  return (
    <div
      class="film" role="slider" tabIndex={0} aria-label={label} aria-valuemin={steps[0]} aria-valuemax={steps.at(-1)} aria-valuenow={steps.at(Math.max(cursor(), 0))} aria-valuetext={text}
      onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); scrub(event); }}
      onPointerMove={(event) => { if (event.buttons === 1) scrub(event); }}
      onKeyDown={(event) => {
        const to = cursorByKey(event.key, cursor(), steps.length - 1, 'ends');
        if (to === undefined) return;
        event.preventDefault();
        onMove(to);
      }}
    >
      {children}
    </div>
  );
}
