import type { JSX } from 'preact';
import { Button } from '../../kit/button.tsx';
import { Note } from '../../kit/note.tsx';
import { duration } from '../../kit/numbers.ts';
import type { PanelStore } from '../panelStore.ts';

/** The state of the run where it is more than done: what there is, why, and the next step. */
export function Banner({ store }: { readonly store: PanelStore }): JSX.Element {
  const { state, stale, texts, data } = store;
  return (
    <div class="banners">
      <div role="status" class="states">{data === null ? <Note kind="info">{texts.restoring}</Note> : <State store={store} />}</div>
      {stale && state.kind === 'done' && (
        <Note kind="warning" actions={<>{data?.canRun === true && <Button primary onPress={() => { store.send('run'); }}>{texts.rerun}</Button>}<OpenSpec store={store} /></>}>
          {texts.stale(data?.specName ?? texts.theSpec)}
        </Note>
      )}
    </div>
  );
}

function State({ store }: { readonly store: PanelStore }): JSX.Element | null {
  const { state, texts, data, model } = store;
  const again = data?.canRun === true ? <Button primary onPress={() => { store.send('run'); }}>{state.kind === 'empty' ? texts.run : texts.rerun}</Button> : null;
  const untrusted = data?.canRun === false && data.specName !== null ? ` ${texts.untrusted}` : '';
  switch (state.kind) {
    case 'empty': return <Note kind="info" actions={<>{again}<OpenSpec store={store} /></>}><b>{texts.empty}</b> {untrusted === '' ? texts.emptyNext : untrusted}</Note>;
    case 'loading': return <Note kind="info">{texts.loading}</Note>;
    case 'running': {
      const runs = model?.runs ?? [];
      const run = runs.findIndex(({ seed }) => seed === state.seed) + 1;
      const step = data === null ? '' : texts.stepOf(state.step, data.totalSteps);
      const left = state.secondsLeft === null ? '' : ` · ${texts.left(duration(state.secondsLeft, texts))}`;
      return (
        <div class="progress">
          <progress value={state.done} max={state.total} aria-label={texts.share(state.done, state.total)} />
          <span>{texts.running(run, runs.length, state.seed)} · {step}{left}</span>
        </div>
      );
    }
    case 'cancelled': return <Note kind="info" actions={again}>{store.newest < 0 ? texts.cancelledNothing : texts.cancelled}{untrusted}</Note>;
    case 'failed': return (
      <Note kind="error" actions={<>{again}<OpenSpec store={store} /></>}>
        <b>{texts.failed(state.message)}</b>{state.place !== '' && <span class="quiet"> {texts.place(state.place)}</span>}<br />{state.remedy}{untrusted}
      </Note>
    );
    case 'done': return null;
  }
}

function OpenSpec({ store }: { readonly store: PanelStore }): JSX.Element | null {
  return (store.data?.specName ?? null) === null ? null : <Button onPress={() => { store.send('openSpec'); }}>{store.texts.openSpec}</Button>;
}
