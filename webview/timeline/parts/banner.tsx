import type { JSX } from 'preact';
import { StateBanner } from '../../kit/stateBanner.tsx';
import type { PanelStore } from '../panelStore.ts';

/** The state of the run where it is more than done. */
export function Banner({ store }: { readonly store: PanelStore }): JSX.Element {
  const { state, stale, texts, data, newest } = store;
  return (
    <StateBanner
      texts={texts} state={state} data={data} stale={stale} begun={newest >= 0} empty={{ what: texts.empty, next: texts.emptyNext, run: texts.run }} running={runningText(store)}
      onRun={() => { store.send('run'); }} onOpenSpec={() => { store.send('openSpec'); }}
    />
  );
}

function runningText({ state, texts, data, model }: PanelStore): string {
  if (state.kind !== 'running') return '';
  const runs = model?.runs ?? [];
  const run = runs.findIndex(({ seed }) => seed === state.seed) + 1;
  const step = data === null ? '' : texts.stepOf(state.step, data.totalSteps);
  return `${texts.running(run, runs.length, state.seed)} · ${step}`;
}
