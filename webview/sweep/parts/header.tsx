import type { JSX } from 'preact';
import { Button } from '../../kit/button.tsx';
import { duration } from '../../kit/numbers.ts';
import { Select } from '../../kit/select.tsx';
import type { SweepStore } from '../sweepStore.ts';

/** Which sweep, and how it is looked at: axes, measures, seed. */
export function Header({ store }: { readonly store: SweepStore }): JSX.Element | null {
  const { data, sweep, state, texts } = store;
  if (data === null) return null;
  const running = state.kind === 'running' || state.kind === 'loading';
  return (
    <header class="header">
      <h1 title={data.title}>{data.title}</h1>
      <div class="facts">
        <span>{texts.of(data.of)}</span>
        {sweep !== null && <><span class="prompt">{sweep.prompt}</span><span title={texts.cost(sweep.cost.unetCalls, sweep.cost.naiveUnetCalls)}>{texts.computed(duration(sweep.cost.seconds, texts))}</span></>}
      </div>
      <div class="actions">
        {running
          ? <Button onPress={() => { store.send('cancel'); }}>{texts.cancel}</Button>
          : state.kind === 'done' && !store.stale && data.specName !== null && <Button disabled={!data.canRun} title={data.canRun ? '' : texts.untrusted} onPress={() => { store.send('run'); }}>{texts.rerun}</Button>}
        {sweep !== null && data.specName !== null && <Button onPress={() => { store.send('openSpec'); }}>{texts.openSpec}</Button>}
      </div>
      {sweep !== null && <Choosers store={store} />}
    </header>
  );
}

function Choosers({ store }: { readonly store: SweepStore }): JSX.Element {
  const { sweep, texts, axes, slice, measures, effect, harm, seed } = store;
  const axisOptions = axes.map(({ name }, index) => ({ value: String(index), text: name }));
  return (
    <div class="choosers">
      <Select labelled label={texts.effect} value={effect} options={measures.effects.map((value) => ({ value, text: value }))} onChange={(value) => { store.update({ effect: value }); }} />
      {harm !== null && <Select labelled label={texts.harm} value={harm} options={measures.harms.map((value) => ({ value, text: value }))} onChange={(value) => { store.update({ harm: value }); }} />}
      {axes.length > 1 && (
        <>
          <Select labelled label={texts.rows} value={String(slice.rows)} options={axisOptions} onChange={(value) => { store.update({ rows: Number(value), columns: Number(value) === slice.columns ? slice.rows : slice.columns }); }} />
          <Select
            labelled label={texts.columns} value={String(slice.columns)} options={axisOptions.filter(({ value }) => Number(value) !== slice.rows)}
            onChange={(value) => { store.update({ rows: slice.rows, columns: Number(value) }); }}
          />
        </>
      )}
      {axes.map((axis, index) => index !== slice.rows && index !== slice.columns && (
        <Select
          key={axis.name} labelled label={axis.name} value={String(slice.fixed[index])} options={axis.values.map((_, value) => ({ value: String(value), text: store.nameOfValue(index, value) }))}
          onChange={(value) => { store.update({ fixed: slice.fixed.with(index, Number(value)) }); }}
        />
      ))}
      <Select labelled label={texts.seeds} value={String(seed)} options={(sweep?.seeds ?? []).map((one) => ({ value: String(one), text: String(one) }))} onChange={(value) => { store.update({ seed: Number(value) }); }} />
    </div>
  );
}
