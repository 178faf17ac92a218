import type { JSX } from 'preact';
import { Button } from '../../kit/button.tsx';
import { Select } from '../../kit/select.tsx';
import { duration } from '../../kit/numbers.ts';
import type { PanelStore } from '../panelStore.ts';

/** What was asked for, and what can be done with it. */
export function Header({ store }: { readonly store: PanelStore }): JSX.Element | null {
  const { data, model, state, texts, view } = store;
  if (data === null || model === null) return null;
  const running = state.kind === 'running' || state.kind === 'loading';
  const known = model.axis.steps.length > 0; // before that there is nothing to compare or report
  const begun = model.runs.some(({ filled }) => filled.includes(true));
  return (
    <header class="header">
      <h1 title={data.title}>{data.title === '' ? data.specName : data.title}</h1>
      <div class="facts">
        {model.runs.length > 1 && (
          <Select
            label={texts.runs} value={view.run ?? ''}
            options={[{ value: '', text: texts.allOf(store.countOfRuns(model.runs.length)) }, ...model.runs.map(({ title }, run) => ({ value: title, text: store.nameOfRun(run) }))]}
            onChange={(title) => { store.update({ run: title === '' ? null : title }); }}
          />
        )}
        {model.runs.length === 1 && <span>{store.nameOfRun(0)}</span>}
        {data.runsInAll > model.runs.length && model.runs.length > 0 && <span>{texts.runsShown(model.runs.length, data.runsInAll)}</span>}
        {data.sampler !== '' && <span>{data.sampler}</span>}
        <span>{data.modelName}</span>
        {state.kind === 'done' && <span>{state.cached ? texts.cached : texts.computed(duration(state.seconds, texts))}</span>}
      </div>
      <div class="actions">
        {running
          ? <Button onPress={() => { store.send('cancel'); }}>{texts.cancel}</Button>
          : state.kind === 'done' && !store.stale && data.specName !== null && <Button disabled={!data.canRun} title={data.canRun ? '' : texts.untrusted} onPress={() => { store.send('run'); }}>{texts.rerun}</Button>}
        {known && <Button disabled={!begun} onPress={() => { store.send('compare'); }}>{texts.compare}</Button>}
        {known && data.specName !== null && <Button disabled={state.kind !== 'done'} onPress={() => { store.send('report'); }}>{texts.report}</Button>}
      </div>
    </header>
  );
}
