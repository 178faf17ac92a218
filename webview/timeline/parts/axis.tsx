import { useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { columnAt, columnLeft } from '../../kit/layout/columns.ts';
import type { Columns } from '../../kit/layout/columns.ts';
import { time } from '../../kit/numbers.ts';
import { Ticks } from '../../kit/parts/ticks.tsx';
import type { PanelStore } from '../panelStore.ts';

/** Pixels that tell a drag from a click. */
const dragFrom = 4;

/** The one time axis: windows and step numbers. Dragging along it chooses the steps of an edit, a window's name that window. */
export function Axis({ store, columns }: { readonly store: PanelStore; readonly columns: Columns }): JSX.Element | null {
  const drag = useRef<{ x: number; column: number; moved: boolean } | null>(null);
  const { model, texts, view } = store;
  if (model === null || columns.count === 0) return <div class="axis" />;
  const { axis } = model;
  const at = (event: PointerEvent): number => event.clientX - (event.currentTarget as HTMLElement).getBoundingClientRect().left;
  return (
    <div
      class="axis" title={texts.axisHint}
      onPointerDown={(event) => {
        drag.current = { x: at(event), column: columnAt(columns, at(event)), moved: false };
      }}
      onPointerMove={(event) => {
        const begun = drag.current;
        if (begun === null || (!begun.moved && Math.abs(at(event) - begun.x) < dragFrom)) return;
        if (!begun.moved) event.currentTarget.setPointerCapture(event.pointerId);
        begun.moved = true;
        const other = columnAt(columns, at(event));
        store.update({ during: { steps: [axis.steps[Math.min(begun.column, other)], axis.steps[Math.max(begun.column, other)]] } });
      }}
      onPointerUp={(event) => {
        if (drag.current?.moved === true) event.currentTarget.addEventListener('click', (click) => { click.stopPropagation(); }, { capture: true, once: true });
        drag.current = null;
      }}
      onPointerCancel={() => { drag.current = null; }}
    >
      {axis.windows.map(({ name, from, to }) => (
        <button
          key={name} type="button" class="window" aria-pressed={view.during === name} title={`${texts[name]}: t ${time(axis.t[from])} – ${time(axis.t[to - 1])}`}
          style={{ left: `${columnLeft(columns, from)}px`, width: `${columnLeft(columns, to) - columnLeft(columns, from)}px` }}
          onClick={() => { store.update({ during: view.during === name ? 'all' : name }); }}
        >
          {texts[name]}
        </button>
      ))}
      <Ticks steps={axis.steps} columns={columns} />
    </div>
  );
}
