import { useLayoutEffect, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import type { Interval } from '../../../src/study/outcome.ts';
import { Canvas } from '../../kit/parts/canvas.tsx';
import { RampBar } from '../../kit/parts/rampBar.tsx';
import { useSize } from '../../kit/parts/useSize.ts';
import { tintOf } from '../layout/tint.ts';
import { bandHeight, paintTile } from '../paint/paintTile.ts';
import { number } from '../sweepStore.ts';
import type { SweepStore } from '../sweepStore.ts';

const [leastTile, mostTile] = [48, 116];
const gap = 4;
/** Room at the right for the outline of a tile, as the style sheet counts on. */
const edge = 2;
/** Names of the values at the left. */
const names = 72;

interface GridProps {
  readonly store: SweepStore;
  readonly title: string;
  /** What tints a cell. */
  readonly valueAt: (cell: number) => Interval | null;
}

/** The variants over two axes as small pictures, each in the colour of one number. */
export function Grid({ store, title, valueAt }: GridProps): JSX.Element {
  const room = useRef<HTMLDivElement>(null);
  const table = useRef<HTMLDivElement>(null);
  const [width] = useSize(room);
  const { grid, slice, axes, cell: chosen, palette, texts, sweep } = store;
  const across = grid.at(0)?.length ?? 1;
  const side = Math.min(Math.max(Math.floor((width - edge - names - gap * across) / across), leastTile), mostTile);
  const values = (sweep?.cells ?? []).flatMap((_, cell) => valueAt(cell)?.value ?? []);
  const tint = tintOf(values, palette);
  const moved = useRef(false);
  useLayoutEffect(() => { // the focus goes along with the choice
    if (moved.current) table.current?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
    moved.current = false;
  });
  /** From where the choice is by now: keys may come faster than frames. */
  const press = (event: KeyboardEvent): void => {
    const ways: Readonly<Record<string, readonly [down: number, right: number]>> = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };
    const { cell } = store;
    if (event.key === 'Enter' && cell !== null) store.compare(cell);
    else if (event.key in ways) {
      const row = grid.findIndex((cells) => cells.includes(cell));
      const to = grid.at(Math.max(row + ways[event.key][0], 0))?.at(Math.max((grid.at(row)?.indexOf(cell) ?? 0) + ways[event.key][1], 0)) ?? null;
      if (to !== null) {
        moved.current = true;
        store.update({ cell: to });
      }
    } else return;
    event.preventDefault();
  };
  return (
    <section class="grid-room" ref={room}>
      <div class="grid-head">
        <h2>{title}</h2>
        <span class="scale">{number(tint.from)} <RampBar colours={tint.colours} /> {number(tint.to)}</span>
      </div>
      {width > 0 && (
        <div class="tiles" role="grid" ref={table} aria-label={`${title}. ${texts.keys}`}>
          {slice.columns !== null && (
            <div class="tile-row" role="row">
              <span class="corner quiet" role="columnheader" style={{ width: `${names}px` }}>{axes[slice.rows].name} ↓ {axes[slice.columns].name} →</span>
              {axes[slice.columns].values.map((_, value) => <span key={value} role="columnheader" class="tile-head" style={{ width: `${side}px` }}>{store.nameOfValue(slice.columns ?? 0, value)}</span>)}
            </div>
          )}
          {grid.map((cells, row) => (
            <div key={row} class="tile-row" role="row">
              <span role="rowheader" class="tile-name" style={{ width: `${names}px` }}>{store.nameOfValue(slice.rows, row)}</span>
              {cells.map((cell, column) => {
                if (cell === null) return <span key={column} role="gridcell" style={{ width: `${side}px` }} />;
                const value = valueAt(cell);
                const png = store.imageOf(cell);
                const picture = png === null ? null : store.pictures.of(png, Math.ceil(side * (window.devicePixelRatio || 1)));
                const shown = value?.value ?? null;
                const colour = shown === null ? null : tint.colourOf(shown);
                const text = shown === null ? '–' : number(shown);
                const failed = sweep?.cells[cell].failed.length ?? 0;
                const words = store.wordsOf(cell);
                return (
                  <div
                    key={column} class="tile" role="gridcell" tabIndex={cell === chosen ? 0 : -1} aria-selected={cell === chosen} aria-label={words} title={words} data-cell={cell}
                    onClick={() => { store.update({ cell }); }} onDblClick={() => { store.compare(cell); }} onKeyDown={press}
                  >
                    <Canvas width={side} height={side + bandHeight - 5} inputs={[side, picture, colour, text, palette]} paint={(context) => { paintTile(context, { side, picture, colour, text, palette }); }} />
                    {failed > 0 && <span class="failed-sign" aria-hidden="true">!</span>}
                  </div>
                );
              })}
            </div>
          ))}
        </div>
      )}
    </section>
  );
}
