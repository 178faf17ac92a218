import type { JSX } from 'preact';
import { bestOf, harmName } from '../../../src/report/studies/sweepEffects.ts';
import { number } from '../sweepStore.ts';
import type { SweepStore } from '../sweepStore.ts';

/** What each window, or each value of the axis in rows, achieves at its best, and what that costs. */
export function Efficiency({ store }: { readonly store: SweepStore }): JSX.Element | null {
  const { sweep, axes, slice, texts, effect } = store;
  if (sweep === null) return null;
  const windows = axes.findIndex(({ isWindow }) => isWindow);
  const axis = windows < 0 ? slice.rows : windows;
  const rows = bestOf(sweep, axis, effect);
  const harm = rows.find(({ best }) => best !== null)?.best?.cost.harmMeasure ?? null;
  const orNothing = (value: number | null | undefined): string => (value === null || value === undefined ? texts.nothing : number(value));
  const most = (pick: (row: (typeof rows)[number]) => number | null | undefined): number => Math.max(...rows.map((row) => pick(row) ?? -Infinity));
  const [mostPerHarm, mostPerCall] = [most(({ best }) => best?.cost.gainPerHarm), most(({ best }) => best?.cost.gainPerCall)];
  const others = (cell: number): string => sweep.cells[cell].at.flatMap((value, index) => (index === axis ? [] : [texts.atValue(axes[index].name, store.nameOfValue(index, value))])).join(', ');
  return (
    <section class="efficiency">
      <h2>{texts.efficiency(windows < 0 ? axes[axis].name : texts.windowName)}</h2>
      {rows.every(({ best }) => best === null) && <p class="nothing">{texts.noEfficiency}</p>}
      {rows.some(({ best }) => best !== null) && (
        <table>
          <thead>
            <tr>
              <th scope="col">{axes[axis].name}</th><th scope="col">{texts.greatest}<i>{texts.gainOf(effect)}</i></th><th scope="col">{texts.reachedAt}</th>
              <th scope="col">{texts.harmThere}{harm !== null && <i>{harmName(harm)}</i>}</th><th scope="col">{texts.perHarm}</th><th scope="col" title={texts.perCallHint}>{texts.perCall}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ value, best }) => (
              <tr key={value}>
                <th scope="row">{store.nameOfValue(axis, value)}</th>
                <td>{best === null ? texts.nothing : store.withInterval(best.effect)}</td>
                <td>{best === null ? '' : others(best.cell)}</td>
                <td>{orNothing(best?.cost.harm)}</td>
                <td class={best !== null && best.cost.gainPerHarm === mostPerHarm ? 'most' : ''}>{orNothing(best?.cost.gainPerHarm)}</td>
                <td class={best !== null && best.cost.gainPerCall === mostPerCall ? 'most' : ''}>{orNothing(best?.cost.gainPerCall)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
