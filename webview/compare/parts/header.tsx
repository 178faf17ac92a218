import type { JSX } from 'preact';
import { Button } from '../../kit/button.tsx';
import { duration } from '../../kit/numbers.ts';
import { Segmented } from '../../kit/segmented.tsx';
import { Select } from '../../kit/select.tsx';
import type { CompareStore } from '../compareStore.ts';

/** Which experiment, which seed, and what stands beside the unedited run. */
export function Header({ store }: { readonly store: CompareStore }): JSX.Element | null {
  const { data, state, texts, subjects, subject, seed, live, showsLive } = store;
  if (data === null) return null;
  const { outcome } = data;
  const running = state.kind === 'running' || state.kind === 'loading';
  return (
    <header class="header">
      <h1 title={data.title}>{data.title}</h1>
      {outcome !== null && <p class="why">{outcome.why !== '' && <b>{outcome.why}</b>} <span class="quiet">{outcome.prompt}</span></p>}
      {live !== null && (
        <div class="facts">
          {outcome !== null && (
            <Segmented
              label={texts.shown} value={showsLive ? 'live' : 'last'} options={[{ value: 'live', text: texts.liveRun }, { value: 'last', text: texts.lastResult }]}
              onChange={(value) => { store.lookBack(value === 'last'); }}
            />
          )}
          {showsLive && <span>{texts.seedOf(live.seed, live.index + 1, live.seeds)}</span>}
        </div>
      )}
      {!showsLive && outcome !== null && subject !== null && (
        <div class="facts">
          <Select
            labelled label={texts.seeds} value={String(seed)} options={outcome.seeds.map((one) => ({ value: String(one), text: store.hasFailed(one) ? texts.failedSeed(String(one)) : String(one) }))}
            onChange={(value) => { store.update({ seed: Number(value) }); }}
          />
          <Select
            labelled label={texts.beside} value={subject.key} options={subjects.map((one) => ({ value: one.key, text: store.nameOfSubject(one) }))}
            onChange={(key) => { store.update({ subject: key }); }}
          />
          <span title={texts.cost(String(outcome.cost.unetCalls), String(outcome.cost.naiveUnetCalls))}>{texts.computed(duration(outcome.cost.seconds, texts))}</span>
        </div>
      )}
      <div class="actions">
        {running
          ? <Button onPress={() => { store.send('cancel'); }}>{texts.cancel}</Button>
          : state.kind === 'done' && !store.stale && data.specName !== null && <Button disabled={!data.canRun} title={data.canRun ? '' : texts.untrusted} onPress={() => { store.send('run'); }}>{texts.rerun}</Button>}
        {outcome !== null && data.specName !== null && <Button onPress={() => { store.send('openSpec'); }}>{texts.openSpec}</Button>}
      </div>
    </header>
  );
}
