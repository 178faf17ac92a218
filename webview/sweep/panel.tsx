import { useLayoutEffect, useReducer } from 'preact/hooks';
import type { JSX } from 'preact';
import { progressText, StateBanner } from '../kit/stateBanner.tsx';
import { Detail } from './parts/detail.tsx';
import { Efficiency } from './parts/efficiency.tsx';
import { Grid } from './parts/grid.tsx';
import { Header } from './parts/header.tsx';
import { Trades } from './parts/trades.tsx';
import type { SweepStore } from './sweepStore.ts';

/** The sweep panel: every variant as a picture, by effect and by harm; effect against harm; what each window achieves. */
export function Panel({ store }: { readonly store: SweepStore }): JSX.Element {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useLayoutEffect(() => { store.onChange(() => { draw(undefined); }); }, [store]); // at once: what comes before the first frame must not go undrawn
  const { texts, data, state, stale, sweep } = store;
  const running = state.kind === 'running' ? progressText(texts, state, '') : '';
  return (
    <main class="sweep" lang={data?.language ?? 'en'}>
      <Header store={store} />
      <StateBanner
        texts={texts} state={state} data={data} stale={stale} begun={sweep !== null} empty={{ what: texts.empty, next: texts.emptyNext, run: texts.run }} running={running}
        onRun={() => { store.send('run'); }} onOpenSpec={() => { store.send('openSpec'); }}
      />
      {sweep !== null && (
        <>
          <div class="variants">
            <div class="grids">
              <Grid store={store} title={store.effectTitle} valueAt={(cell) => store.effectAt(cell)} />
              {store.harm !== null && <Grid store={store} title={store.harmTitle} valueAt={(cell) => store.harmAt(cell)} />}
            </div>
            <Detail store={store} />
          </div>
          <div class="below">
            <Trades store={store} />
            <Efficiency store={store} />
          </div>
        </>
      )}
    </main>
  );
}
