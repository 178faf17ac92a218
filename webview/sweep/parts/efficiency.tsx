import type { JSX } from 'preact';
import { efficienciesOf, harmName } from '../model/effects.ts';
import { number } from '../sweepStore.ts';
import type { SweepStore } from '../sweepStore.ts';

/** What each window, or each value of the axis in rows, achieves for its harm. */
export function Efficiency({ store }: { readonly store: SweepStore }): JSX.Element | null {
  const { sweep, axes, slice, trades, texts, effect, harm } = store;
  if (sweep === null || trades.length === 0) return null;
  const windows = axes.findIndex(({ isWindow }) => isWindow);
  const axis = windows < 0 ? slice.rows : windows;
  const rows = efficienciesOf(sweep, axis, trades);
  const most = Math.max(...rows.map(({ perHarm }) => perHarm ?? -Infinity));
  const others = (cell: number): string => sweep.cells[cell].at.flatMap((value, index) => (index === axis ? [] : [texts.atValue(axes[index].name, store.valueOf(index, value))])).join(', ');
  return (
    <section class="efficiency">
      <h2>{texts.efficiency(windows < 0 ? axes[axis].name : texts.windowName)}</h2>
      <table>
        <thead>
          <tr><th scope="col">{axes[axis].name}</th><th scope="col">{texts.greatest}<i>{texts.gainOf(effect)}</i></th><th scope="col">{texts.reachedAt}</th><th scope="col">{texts.harmThere}<i>{harmName(harm)}</i></th><th scope="col" title={texts.perHarmHint}>{texts.perHarm}</th></tr>
        </thead>
        <tbody>
          {rows.map(({ value, best, perHarm }) => (
            <tr key={value}>
              <th scope="row">{store.valueOf(axis, value)}</th>
              <td>{best === null ? texts.nothing : store.withInterval(best.effect)}</td>
              <td>{best === null ? '' : others(best.cell)}</td>
              <td>{best === null ? texts.nothing : store.withInterval(best.harm)}</td>
              <td class={perHarm === most ? 'most' : ''}>{perHarm === null ? texts.nothing : number(perHarm)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
