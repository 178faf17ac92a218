import { useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { Note } from '../kit/note.tsx';
import { time } from '../kit/numbers.ts';
import { Stretch } from '../kit/parts/stretch.tsx';
import { useSize } from '../kit/parts/useSize.ts';
import type { CompareStore } from './compareStore.ts';
import { Concepts } from './parts/concepts.tsx';
import { Axis, Film } from './parts/film.tsx';
import { Header } from './parts/header.tsx';
import { Measures } from './parts/measures.tsx';
import { Stage } from './parts/stage.tsx';
import { States } from './parts/states.tsx';

/** The compare panel: two runs under one time axis, and below what was measured on all of them. */
export function Panel({ store }: { readonly store: CompareStore }): JSX.Element {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  useLayoutEffect(() => { store.onChange(() => { draw(undefined); }); }, [store]); // at once: what comes before the first frame must not go undrawn
  const { data } = store;
  const outcome = data?.outcome ?? null;
  return (
    <main class={`compare${outcome === null && store.live === null ? ' bare' : ''}`} lang={data?.language ?? 'en'}>
      <Header store={store} />
      <States store={store} />
      {(outcome !== null || store.live !== null) && <Looks store={store} />}
      <Measures store={store} />
      <div class="spoken" aria-live="polite">{store.notice}</div>
    </main>
  );
}

/** Strips, concepts and pictures of one pair of runs. */
function Looks({ store }: { readonly store: CompareStore }): JSX.Element {
  const axis = useRef<HTMLDivElement>(null);
  const [width] = useSize(axis);
  const { texts, model } = store;
  const columns = { count: store.columns, width };
  return (
    <>
      {model !== null && model.pair.fault !== '' && <Note kind="warning">{texts.pairMissing(model.pair.fault)}</Note>}
      {model === null && <p class="nothing">{texts.pairLoading}</p>}
      <div class="looks">
        <section class="board" aria-label={texts.timeline}>
          <div class="over-time">
            <div class="time">
              <Now store={store} />
              <div class="axis-room" ref={axis}><Axis store={store} columns={columns} /></div>
              <div class="ends" title={texts.endsHint}>{columns.count > 0 && <>{texts.ends}<span class="ends-t">t 1 → 0</span></>}</div>
              <Film store={store} columns={columns} />
            </div>
            <Concepts store={store} columns={columns} />
            {columns.count > 0 && (
              <div class="overlay" aria-hidden="true">
                {store.parting >= 0 && <Stretch kind="parting" columns={columns} from={store.parting} to={store.parting + 1} />}
                {store.cursor >= 0 && <Stretch kind="cursor" columns={columns} from={store.cursor} to={store.cursor + 1} />}
              </div>
            )}
          </div>
        </section>
        <Stage store={store} />
      </div>
    </>
  );
}

/** The step under the cursor. */
function Now({ store: { model, texts, cursor } }: { readonly store: CompareStore }): JSX.Element {
  if (model === null || cursor < 0) return <div class="now" />;
  return <div class="now"><b>{texts.stepOf(model.axis.steps[cursor], model.axis.totalSteps)}</b><span class="quiet">{texts.time(time(model.axis.t[cursor]))}</span></div>;
}
