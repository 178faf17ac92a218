import type { JSX } from 'preact';
import { stepsOfWindow } from '../../../src/spec/windows.ts';
import { columnsOfSteps } from '../../kit/layout/columns.ts';
import type { Columns } from '../../kit/layout/columns.ts';
import { Stretch } from '../../kit/parts/stretch.tsx';
import type { PanelStore } from '../panelStore.ts';

/** What runs through axis, strips and rows alike: the cursor, the pointer's column, the edit's window, and the stretch that the spec's cursor is on. */
export function Overlay({ store, columns }: { readonly store: PanelStore; readonly columns: Columns }): JSX.Element | null {
  const { model, view, cursor, pointed, revealed } = store;
  if (model === null || columns.count === 0) return null;
  const { steps } = model.axis;
  const during = view.during === 'all' ? null : columnsOfWindow(store);
  const column = pointed?.column ?? null;
  const spoken = revealed?.columns ?? null;
  return (
    <div class="overlay" aria-hidden="true">
      {during !== null && <Stretch kind="during" columns={columns} from={during[0]} to={during[1]} />}
      {spoken !== null && spoken[0] < steps.length && <Stretch kind="spoken-of" columns={columns} from={spoken[0]} to={Math.min(spoken[1] + 1, steps.length)} />}
      {column !== null && column !== cursor && <Stretch kind="pointed" columns={columns} from={column} to={column + 1} />}
      {cursor >= 0 && <Stretch kind="cursor" columns={columns} from={cursor} to={cursor + 1} />}
    </div>
  );
}

/** Columns of the edit's window; null where it holds none. */
export function columnsOfWindow({ model, view: { during } }: PanelStore): readonly [from: number, to: number] | null {
  if (model === null) return null;
  const { steps, t } = model.axis;
  if (typeof during !== 'string' && 'steps' in during) return columnsOfSteps(steps, during.steps[0], during.steps[1]);
  const columns = stepsOfWindow(during, t.map((at) => Math.round(at * 1e6) / 1e3));
  return columns.length === 0 ? null : [columns[0], columns[columns.length - 1] + 1];
}
