import type { JSX } from 'preact';
import { Note } from '../../kit/note.tsx';
import { progressText, StateBanner } from '../../kit/stateBanner.tsx';
import type { CompareStore } from '../compareStore.ts';
import { faultsOf } from '../model/subjects.ts';
import type { CompareTexts } from '../texts.ts';

/** More lines than these say no more. */
const mostFaults = 6;

/** The state of the experiment where it is more than done, and which of its runs failed. */
export function States({ store }: { readonly store: CompareStore }): JSX.Element {
  const { data, state, stale, texts } = store;
  const outcome = data?.outcome ?? null;
  const faults = outcome === null ? [] : faultsOf(outcome);
  return (
    <div class="all-banners">
      <StateBanner
        texts={texts} state={state} data={data} stale={stale} begun={outcome !== null || store.live !== null} empty={{ what: texts.empty, next: texts.emptyNext, run: texts.run }} running={runningText(store)}
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

/** How far the experiment is, and at what. */
function runningText({ state, data, texts }: CompareStore): string {
  if (state.kind !== 'running' || data === null) return '';
  return progressText(texts, state, state.part === undefined ? texts.kinds.unedited : roleText(state.part.role, texts));
}

/** What a run is for: `house-to-the-right: random-concept 2` as the panel calls it. */
function roleText(role: string, { kinds, draw }: CompareTexts): string {
  const control = /: (identity|random-concept|shuffled-region)(?: (\d+))?$/.exec(role);
  if (control === null) return kinds.edited;
  const [, kind, number = ''] = control;
  const name = kinds[kind as keyof typeof kinds];
  return number === '' ? name : draw(name, Number(number));
}
