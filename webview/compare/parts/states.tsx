import type { JSX } from 'preact';
import { Note } from '../../kit/note.tsx';
import { StateBanner } from '../../kit/stateBanner.tsx';
import type { CompareStore } from '../compareStore.ts';
import { faultsOf } from '../model/subjects.ts';

/** More lines than these say no more. */
const mostFaults = 6;

/** The state of the experiment where it is more than done, and which of its runs failed. */
export function States({ store }: { readonly store: CompareStore }): JSX.Element {
  const { data, state, stale, texts } = store;
  const outcome = data?.outcome ?? null;
  const faults = outcome === null ? [] : faultsOf(outcome);
  const running = state.kind === 'running' && data !== null ? `${texts.seed(state.seed)} · ${texts.share(state.done, state.total)}` : '';
  return (
    <div class="all-banners">
      <StateBanner
        texts={texts} state={state} data={data} stale={stale} begun={outcome !== null} empty={{ what: texts.empty, next: texts.emptyNext, run: texts.run }} running={running}
        onRun={() => { store.send('run'); }} onOpenSpec={() => { store.send('openSpec'); }}
      />
      {faults.length > 0 && (
        <Note kind="warning">
          {texts.faults(faults.length)}
          <span class="faults quiet">
            {faults.slice(0, mostFaults).map(({ subject, seed, fault }) => (
              <span key={`${subject?.key} ${seed}`}>{texts.faultOf(subject === null ? texts.kinds.unedited : store.nameOfSubject(subject), texts.seed(seed), fault)}</span>
            ))}
            {faults.length > mostFaults && <span>{texts.more(faults.length - mostFaults)}</span>}
          </span>
        </Note>
      )}
    </div>
  );
}
