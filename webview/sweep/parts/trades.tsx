import { useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { Canvas } from '../../kit/parts/canvas.tsx';
import { Tip } from '../../kit/parts/tip.tsx';
import type { TipContent } from '../../kit/parts/tip.tsx';
import { useSize } from '../../kit/parts/useSize.ts';
import { layOutTrades, pointAt } from '../layout/tradePlot.ts';
import type { TradePoint } from '../layout/tradePlot.ts';
import { harmName } from '../../../src/report/studies/sweepEffects.ts';
import { paintTrades } from '../paint/paintTrades.ts';
import type { SweepStore } from '../sweepStore.ts';

const height = 280;

/** Effect against harm of all variants, the Pareto front joined. */
export function Trades({ store }: { readonly store: SweepStore }): JSX.Element {
  const room = useRef<HTMLDivElement>(null);
  const [width] = useSize(room);
  const [tip, setTip] = useState<TipContent | null>(null);
  const { trades, texts, effect, effectName, harm, harmWord, slice, axes, sweep, palette, cell } = store;
  const plot = layOutTrades(trades, width, height);
  const groupOf = (of: number): { colour: string; shape: number } => {
    const value = sweep?.cells[of].at[slice.rows] ?? 0;
    return { colour: palette.concepts[value % palette.concepts.length], shape: value };
  };
  const labelOf = (of: number): string => (sweep?.cells[of].at ?? []).map((value, axis) => store.nameOfValue(axis, value)).join(' · ');
  const at = (event: MouseEvent): TradePoint | null => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return pointAt(plot, event.clientX - box.left, event.clientY - box.top);
  };
  const best = trades.filter((trade) => trade.best).map((trade) => store.placeOf(trade.cell)).join('; ');
  if (harm === null || harmWord === null) return <section class="trades"><p class="nothing">{texts.noHarm}</p></section>;
  const title = texts.trades(harmWord);
  return (
    <section class="trades">
      <h2>{title}</h2>
      <div class="trades-legend quiet">
        {axes[slice.rows].values.map((_, value) => (
          <span key={value}>
            <Canvas
              width={14} height={14} inputs={[palette, value]}
              paint={(context) => {
                paintTrades(context, { points: [{ cell: 0, x: 7, y: 7, best: true, across: null, down: null }], front: [], xTicks: [], yTicks: [], left: 0, right: 0, top: 0, bottom: 0 },
                  { groupOf: () => ({ colour: palette.concepts[value % palette.concepts.length], shape: value }), labelOf: () => '', chosen: null, palette });
              }}
            />
            {axes[slice.rows].name} {store.nameOfValue(slice.rows, value)}
          </span>
        ))}
        <span>━ {texts.front(harmWord)}</span>
        <span>{texts.tradesHint}</span>
      </div>
      <p class="axis-name">↑ {effectName}</p>
      <div
        ref={room} class="plot" role="img" aria-label={trades.length === 0 ? texts.noTrades : texts.tradesSpoken(title, best)}
        onClick={(event) => { const point = at(event); if (point !== null) store.update({ cell: point.cell, fixed: sweep?.cells[point.cell].at ?? [] }); }}
        onDblClick={(event) => { const point = at(event); if (point !== null) store.compare(point.cell); }}
        onPointerMove={(event) => {
          const point = at(event);
          setTip(point === null ? null : { x: event.clientX, y: event.clientY, lines: [store.placeOf(point.cell), `${effectName} ${store.withInterval(store.effectAt(point.cell))}`, `${harmName(harm)} ${store.withInterval(store.harmAt(point.cell))}`] });
        }}
        onPointerLeave={() => { setTip(null); }}
      >
        {trades.length === 0
          ? <p class="nothing">{texts.noTrades}</p>
          : <Canvas width={width} height={height} inputs={[trades.length, effect, harm, sweep, slice.rows, width, palette, cell]} paint={(context) => { paintTrades(context, plot, { groupOf, labelOf, chosen: cell, palette }); }} />}
      </div>
      <p class="axis-name right">{harmName(harm)} →</p>
      <Tip tip={tip} />
    </section>
  );
}
