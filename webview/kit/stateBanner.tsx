import type { ComponentChildren, JSX } from 'preact';
import type { PanelState } from '../protocol.ts';
import { Button } from './button.tsx';
import { Note } from './note.tsx';
import { duration } from './numbers.ts';
import type { CommonTexts } from './texts.ts';

interface StateBannerProps {
  readonly texts: CommonTexts;
  readonly state: PanelState;
  /** What the host has said; null before it has said anything, as after a reload. */
  readonly data: { readonly canRun: boolean; readonly specName: string | null } | null;
  readonly stale: boolean;
  /** What to say, and the button, where nothing has run yet. */
  readonly empty: { readonly what: string; readonly next: string; readonly run: string };
  /** Which run is under way, in words. */
  readonly running: string;
  /** There is something to see below. */
  readonly begun: boolean;
  readonly onRun: () => void;
  readonly onOpenSpec: () => void;
}

/** The state of a panel where it is more than done: what there is, why, and the next step. */
export function StateBanner(props: StateBannerProps): JSX.Element {
  const { texts, state, data, stale } = props;
  return (
    <div class="banners">
      <div role="status" class="states">{data === null ? <Note kind="info">{texts.restoring}</Note> : <State {...props} />}</div>
      {data !== null && state.kind === 'running' && <Progress texts={texts} state={state} running={props.running} />}
      {stale && state.kind === 'done' && <Note kind="warning" actions={<Actions {...props} again={texts.rerun} />}>{texts.stale(data?.specName ?? texts.theSpec)}</Note>}
    </div>
  );
}

function State(props: StateBannerProps): JSX.Element | null {
  const { texts, state, data, empty, begun } = props;
  const untrusted = data?.canRun === false && data.specName !== null ? ` ${texts.untrusted}` : '';
  switch (state.kind) {
    case 'empty': return <Note kind="info" actions={<Actions {...props} again={empty.run} />}><b>{empty.what}</b> {untrusted === '' ? empty.next : untrusted}</Note>;
    case 'loading': return <Note kind="info">{state.what ?? texts.loading}</Note>;
    case 'cancelled': return <Note kind="info" actions={<Again {...props} again={texts.rerun} />}>{begun ? texts.cancelled : texts.cancelledNothing}{untrusted}</Note>;
    case 'failed': return (
      <Note kind="error" actions={<Actions {...props} again={texts.rerun} />}>
        <b>{texts.failed(state.message)}</b>{state.place !== '' && <span class="quiet"> {texts.place(state.place)}</span>}<br />{state.remedy}{untrusted}
      </Note>
    );
    case 'running': return <span class="spoken">{texts.runs}</span>;
    case 'done': return null;
  }
}

/** How far a run is. It is no part of the status: that would be read out at every step. */
function Progress({ texts, state, running }: Pick<StateBannerProps, 'texts' | 'running'> & { readonly state: Extract<PanelState, { kind: 'running' }> }): JSX.Element {
  const left = state.secondsLeft === null ? '' : ` · ${texts.left(duration(state.secondsLeft, texts))}`;
  return (
    <div class="progress">
      <progress value={state.done} max={state.total} aria-label={texts.share(state.done, state.total)} />
      <span>{running}{left}</span>
    </div>
  );
}

/** How far an experiment or a sweep is. @param what run is under way, in words */
export function progressText(texts: CommonTexts, { seed, done, total, part }: Extract<PanelState, { kind: 'running' }>, what: string): string {
  if (part !== undefined && part.phase !== 'runs') return texts.phases[part.phase](done, total);
  return [texts.seed(seed), ...(what === '' ? [] : [what]), texts.share(done, total)].join(' · ');
}

interface AgainProps extends StateBannerProps {
  readonly again: string;
}

function Actions(props: AgainProps): JSX.Element {
  const open: ComponentChildren = (props.data?.specName ?? null) === null ? null : <Button onPress={props.onOpenSpec}>{props.texts.openSpec}</Button>;
  return <><Again {...props} />{open}</>;
}

function Again({ data, again, onRun }: AgainProps): JSX.Element | null {
  return data?.canRun === true ? <Button primary onPress={onRun}>{again}</Button> : null;
}
