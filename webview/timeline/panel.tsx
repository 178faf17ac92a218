import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { time } from '../kit/numbers.ts';
import type { PanelStore } from './panelStore.ts';
import { Axis } from './parts/axis.tsx';
import { Banner } from './parts/banner.tsx';
import { ConceptList } from './parts/conceptList.tsx';
import { Film } from './parts/film.tsx';
import { Header } from './parts/header.tsx';
import { Legend } from './parts/legend.tsx';
import { Overlay } from './parts/overlay.tsx';
import { Stage } from './parts/stage.tsx';
import { Tip } from '../kit/parts/tip.tsx';
import { Toolbar } from './parts/toolbar.tsx';
import { useSize } from '../kit/parts/useSize.ts';
import { leave } from './region/drawing.ts';

/** The timeline panel: one time axis, and everything on it. */
export function Panel({ store }: { readonly store: PanelStore }): JSX.Element {
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const axis = useRef<HTMLDivElement>(null);
  const search = useRef<HTMLElement>(null);
  const [width] = useSize(axis);
  useLayoutEffect(() => { store.onChange(() => { draw(undefined); }); }, [store]); // at once: what comes before the first frame must not go undrawn
  useEffect(() => {
    const press = (event: KeyboardEvent): void => { pressAnywhere(store, event, search.current); };
    document.addEventListener('keydown', press);
    return () => { document.removeEventListener('keydown', press); };
  }, [store]);
  const { model, texts, data } = store;
  const columns = { count: model?.axis.steps.length ?? 0, width };
  return (
    <main class={`panel${columns.count === 0 ? ' bare' : ''}`} lang={data?.language ?? 'en'}>
      <Header store={store} />
      <Banner store={store} />
      <section class="board" aria-label={texts.timeline}>
        <div class="over-time">
          <div class="time">
            <Now store={store} />
            <div class="axis-room" ref={axis}><Axis store={store} columns={columns} /></div>
            <div class="ends" title={texts.endsHint}>{columns.count > 0 && <>{texts.ends}<span class="ends-t">t 1 → 0</span></>}</div>
            <Film store={store} columns={columns} />
          </div>
          {columns.count > 0 && <Toolbar store={store} searchRef={search} />}
          <ConceptList store={store} columns={columns} />
          <Overlay store={store} columns={columns} />
        </div>
        <Legend store={store} />
      </section>
      {columns.count > 0 && <Stage store={store} />}
      <Tip tip={store.tip} />
      <div class="spoken" aria-live="polite">{store.notice}</div>
    </main>
  );
}

/** The step under the cursor. */
function Now({ store: { model, data, texts, cursor } }: { readonly store: PanelStore }): JSX.Element {
  if (model === null || data === null || model.axis.steps.length === 0) return <div class="now" />;
  return cursor < 0 ? <div class="now quiet">{texts.noStep}</div> : <div class="now"><b>{texts.stepOf(model.axis.steps[cursor], data.totalSteps)}</b><span class="quiet">{texts.time(time(model.axis.t[cursor]))}</span></div>;
}

/** Keys that mean the same wherever the focus is, but in a field. */
function pressAnywhere(store: PanelStore, event: KeyboardEvent, search: HTMLElement | null): void {
  const inField = event.composedPath().some((element) => element instanceof HTMLInputElement && element.type !== 'radio' && element.type !== 'range' && element.type !== 'checkbox');
  if (event.key === '/' && !inField) {
    event.preventDefault();
    search?.shadowRoot?.querySelector('input')?.focus();
  } else if (event.key === 'Escape') {
    const { drawing, search: sought } = store.view;
    if (drawing.draft.length > 0) store.update({ drawing: leave(drawing) });
    else if (sought !== '') store.update({ search: '' });
    else if (store.revealed !== null) store.hideRevealed();
    else store.choose(null);
  }
}
