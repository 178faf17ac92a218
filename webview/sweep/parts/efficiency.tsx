import type { JSX } from 'preact';
import { bestOf, greatestOf, harmName } from '../../../src/report/studies/sweepEffects.ts';
import { number } from '../sweepStore.ts';
import type { SweepStore } from '../sweepStore.ts';

/** What each window, or each value of the axis in rows, achieves at its best, and what that costs. */
export function Efficiency({ store }: { readonly store: SweepStore }): JSX.Element | null {
  const { sweep, axes, slice, texts, effect, effectName, harm } = store;
  if (sweep === null) return null;
  const windows = axes.findIndex(({ isWindow }) => isWindow);
  const axis = windows < 0 ? slice.rows : windows;
  const rows = bestOf(sweep, axis, effect, harm ?? undefined);
  const orNothing = (value: number | null | undefined): string => (value === null || value === undefined ? texts.nothing : number(value));
  const [mostPerHarm, mostPerCall] = [greatestOf(rows.map(({ best }) => best?.gainPerHarm)), greatestOf(rows.map(({ best }) => best?.gainPerCall))];
  const others = (cell: number): string => sweep.cells[cell].at.flatMap((value, index) => (index === axis ? [] : [texts.atValue(axes[index].name, store.nameOfValue(index, value))])).join(', ');
  return (
    <section class="efficiency">
      <h2>{windows < 0 ? texts.efficiency(axes[axis].name) : texts.efficiencyOfWindows}</h2>
      {rows.every(({ best }) => best === null) && <p class="nothing">{texts.noEfficiency}</p>}
      {rows.some(({ best }) => best !== null) && (
        <table>
          <thead>
            <tr>
              <th scope="col">{axes[axis].name}</th><th scope="col">{texts.greatest}<i>{effectName}</i></th><th scope="col">{texts.reachedAt}</th>
              {harm !== null && <><th scope="col">{texts.there(harmName(harm))}</th><th scope="col">{texts.perHarm(harmName(harm))}</th></>}<th scope="col" title={texts.perCallHint}>{texts.perCall}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ value, best }) => (
              <tr key={value}>
                <th scope="row">{store.nameOfValue(axis, value)}</th>
                <td>{best === null ? texts.nothing : store.withInterval(best.effect)}</td>
                <td>{best === null ? '' : others(best.cell)}</td>
                {harm !== null && (
                  <>
                    <td>{orNothing(best?.harm)}</td>
                    <td class={best !== null && best.gainPerHarm !== null && best.gainPerHarm === mostPerHarm ? 'most' : ''}>{orNothing(best?.gainPerHarm)}</td>
                  </>
                )}
                <td class={best !== null && best.gainPerCall === mostPerCall ? 'most' : ''}>{orNothing(best?.gainPerCall)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
