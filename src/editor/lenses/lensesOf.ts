import type { JobState } from '../../engine/job.ts';
import type { Capability } from '../../engine/capabilities.ts';
import { commands, innerCommands } from '../ids.ts';
import type { Translate } from '../translate.ts';
import type { PartKind, SpecOutline, SpecPart } from './outlineOf.ts';

/** A line above the text: what it says and what a click does. */
export interface Lens {
  /** From 0. */
  readonly line: number;
  readonly title: string;
  readonly tooltip?: string;
  /** Absent where a click does nothing. */
  readonly command?: string;
  /** What the command is about, beside the spec. */
  readonly argument?: SpecPart | 'all' | { readonly folder: string };
}

/** The newest stored run of a spec. */
export interface LastResult {
  readonly folder: string;
  /** Stored runs of the spec. */
  readonly runs: number;
  /** When the newest was finished, for people. */
  readonly when: string;
}

/** What the titles depend on. */
export interface LensFacts {
  /** Kinds of work that the engine carries out; others get no lens. */
  readonly capabilities: readonly Capability[];
  readonly trusted: boolean;
  /** State of the spec's trace; undefined before it was started, and once the text has changed since it ended. */
  readonly trace: JobState | undefined;
  readonly stateOf: (part: SpecPart) => JobState | undefined;
  readonly last: LastResult | undefined;
}

/**
 * Lenses of a spec. Their number and lines depend on the text, the capabilities and the trust alone: while something runs only titles change, and nothing jumps.
 */
export function lensesOf({ line, parts }: SpecOutline, facts: LensFacts, t: Translate): Lens[] {
  const { capabilities, trusted, trace, stateOf, last } = facts;
  const runnable = trusted ? parts.filter(({ kind }) => capabilities.includes(kind)) : [];
  return [
    trusted
      ? { line, ...runLens(trace, t('Run trace'), commands.runTrace, undefined, t) }
      : { line, title: `$(workspace-untrusted) ${t('Trust this workspace to run')}`, tooltip: t('A spec makes the engine load models; that needs your trust. Editing and viewing do not.'), command: 'workbench.trust.manage' },
    ...(runnable.length === 0 ? [] : [{ line, title: `$(run-all) ${t('Run all')}`, command: innerCommands.runPart, argument: 'all' } as const]),
    { line, title: t('Open timeline'), command: commands.openTimeline },
    last === undefined
      ? { line, title: t('no stored runs') }
      : { line, title: `$(history) ${last.runs === 1 ? t('1 run, {0}', last.when) : t('{0} runs, last {1}', last.runs, last.when)}`, tooltip: last.folder, command: commands.openRun, argument: { folder: last.folder } },
    ...runnable.map((part) => ({ line: part.line, ...runLens(stateOf(part), runTitle(part.kind, t), innerCommands.runPart, { kind: part.kind, name: part.name }, t) })),
  ];
}

function runTitle(kind: PartKind, t: Translate): string {
  switch (kind) {
    case 'experiments': return t('Run experiment');
    case 'sweeps': return t('Run sweep');
    case 'searches': return t('Run search');
    case 'studies': return t('Run study');
  }
}

/** One lens through the life of a job: run, progress and cancel, outcome. */
function runLens(state: JobState | undefined, run: string, command: string, part: SpecPart | undefined, t: Translate): Omit<Lens, 'line'> {
  const about = part === undefined ? {} : { argument: part };
  const again = { command, ...about };
  const cancel = { command: commands.cancel };
  switch (state?.kind) {
    case undefined: return { title: `$(play) ${run}`, ...again };
    case 'queued': return { title: `$(clock) ${t('waiting')} · ${t('cancel')}`, ...cancel };
    case 'starting': return { title: `$(sync~spin) ${t('starting')} · ${t('cancel')}`, ...cancel };
    case 'running': return { title: `$(sync~spin) ${t('step {0}/{1}', state.done, state.total)} · ${t('cancel')}`, tooltip: t('seed {0}', state.seed), ...cancel };
    case 'cancelling': return { title: `$(sync~spin) ${t('cancelling')}` };
    case 'cancelled': return { title: `$(circle-slash) ${t('cancelled')} · ${t('run again')}`, ...again };
    case 'failed': return { title: `$(error) ${short(state.fault.message)} · ${t('run again')}`, tooltip: `${state.fault.message}\n${state.fault.remedy}`, ...again };
    case 'done': return { title: `$(check) ${t('{0} s', (state.answer.totalMs / 1000).toFixed(1))} · ${t('open timeline')}`, command: commands.openTimeline };
  }
}

/** A message of someone else's length as part of a title; icons and line breaks in it are taken out. */
function short(message: string): string {
  const plain = message.replace(/\$\(/g, '(').replace(/\s+/g, ' ');
  return plain.length <= 80 ? plain : `${plain.slice(0, 79)}…`;
}
