import type { JobState } from '../../engine/job.ts';
import type { Capability } from '../../engine/capabilities.ts';
import type { PartAnswer } from '../../engine/protocol.ts';
import { commands, innerCommands } from '../ids.ts';
import { loadingText, progressText } from '../jobs/statusOf.ts';
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

/** What an experiment or a sweep came to when it was run last. */
export type PartResult = Pick<PartAnswer, 'headline' | 'expected' | 'failed'>;

/** What the titles depend on. */
export interface LensFacts {
  /** Kinds of work that the engine carries out; others get no lens. */
  readonly capabilities: readonly Capability[];
  readonly trusted: boolean;
  /** State of the spec's trace; undefined before it was started, and once the text has changed since it ended. */
  readonly trace: JobState | undefined;
  readonly stateOf: (part: SpecPart) => JobState | undefined;
  readonly last: LastResult | undefined;
  /** The stored outcome of a part; undefined where it has none. */
  readonly resultOf: (part: SpecPart) => PartResult | undefined;
}

/**
 * Lenses of a spec. Their number and lines depend on the text, the capabilities and the trust alone: while something runs only titles change, and nothing jumps.
 */
export function lensesOf({ line, parts }: SpecOutline, facts: LensFacts, t: Translate): Lens[] {
  const { capabilities, trusted, trace, stateOf, last, resultOf } = facts;
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
    ...runnable.flatMap(({ line: at, kind, name }) => [
      { line: at, ...runLens(stateOf({ kind, name }), runTitle(kind, t), innerCommands.runPart, { kind, name }, t) },
      { line: at, ...resultLens({ kind, name }, resultOf({ kind, name }), t) },
    ]),
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
  const cancel = { command: commands.cancel, ...about };
  switch (state?.kind) {
    case undefined: return { title: `$(play) ${run}`, ...again };
    case 'queued': return { title: `$(clock) ${t('waiting')} · ${t('cancel')}`, ...cancel };
    case 'starting': return { title: `$(sync~spin) ${short(loadingText(state, t))} · ${t('cancel')}`, ...cancel };
    case 'running': return { title: `$(sync~spin) ${progressText(state, t)} · ${t('cancel')}`, tooltip: state.part === undefined ? t('seed {0}', state.seed) : short(state.part.role), ...cancel };
    case 'cancelling': return { title: `$(sync~spin) ${t('cancelling')}` };
    case 'cancelled': return { title: `$(circle-slash) ${t('cancelled')} · ${t('run again')}`, ...again };
    case 'failed': return { title: `$(error) ${short(state.fault.message)} · ${t('run again')}`, tooltip: `${state.fault.message}\n${state.fault.remedy}`, ...again };
    case 'done': {
      const took = `$(check) ${t('{0} s', (state.answer.totalMs / 1000).toFixed(1))}`;
      return part === undefined ? { title: `${took} · ${t('open timeline')}`, command: commands.openTimeline } : { title: `${took} · ${t('run again')}`, ...again };
    }
  }
}

/** What a part came to, and the way to its panel, which also stands while the first result is on its way. */
function resultLens(part: SpecPart, result: PartResult | undefined, t: Translate): Omit<Lens, 'line'> {
  const open = part.kind === 'sweeps' ? { title: t('open sweep'), command: commands.openSweep, argument: part } : { title: t('compare'), command: commands.openExperiment, argument: part };
  if (result === undefined) return part.kind === 'experiments' || part.kind === 'sweeps' ? { ...open, title: `${t('no result yet')} · ${open.title}` } : { title: t('no result yet') };
  const { headline, expected, failed } = result;
  const verdict = expected === 0 ? [] : [failed === 0 ? `$(pass) ${t('as expected')}` : `$(error) ${t('{0} of {1} expectations failed', failed, expected)}`];
  return {
    ...open, title: [...verdict, ...(headline === undefined ? [] : [headlineText(headline, t)]), open.title].join(' · '),
  };
}

/** `presence:house 0.75 [0.50, 1.0] n 8`. */
function headlineText({ measure, value, low, high, n }: NonNullable<PartResult['headline']>, t: Translate): string {
  const number = (x: number): string => x.toPrecision(2);
  const interval = low === null || high === null ? '' : ` [${number(low)}, ${number(high)}]`;
  return `${short(measure)} ${value === null ? t('not measured') : `${number(value)}${interval} n ${n}`}`;
}

/** A message of someone else's length as part of a title; icons and line breaks in it are taken out. */
function short(message: string): string {
  const plain = message.replace(/\$\(/g, '(').replace(/\s+/g, ' ');
  return plain.length <= 80 ? plain : `${plain.slice(0, 79)}…`;
}
