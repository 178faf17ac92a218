import type { ControlName, ExperimentOutcome, MeasureOutcome } from '../../src/study/outcome.ts';

/** The windows of the paper, in the order of generation. */
export const windowNames = ['early', 'middle', 'late'] as const;
export type WindowName = (typeof windowNames)[number];

/** Whether a number belongs to the edited run or to a control. */
export type Arm = 'edited' | ControlName;

/** One picture that an edit made, with what was measured on it and on its controls. */
export interface Sample {
  /** Prompt and seed: pictures that share both share their noise, so they are resampled together. */
  readonly cluster: string;
  readonly prompt: string;
  readonly seed: number;
  /** The noun that was placed, or the style that was asked for. */
  readonly word: string;
  readonly window: WindowName;
  /** Everything else that the judge was asked to find. */
  readonly others: readonly string[];
  /** Of the first edit. */
  readonly site: string;
  /** A quadrant, or `everywhere`. */
  readonly where: string;
  /** Of every edit, in its unit. */
  readonly amount: number;
  /** Folder of the edited run and of the unedited one with the same seed; null where it failed. */
  readonly folder: string | null;
  readonly baselineFolder: string | null;
  /** Of a control, the mean over its draws. Undefined where it was not measured. */
  value(measure: string, arm?: Arm): number | undefined;
}

/** What a spec of the study asks, told from its outcomes alone. */
export type Question = 'place' | 'style';

/** Every picture of one experiment; none where its edits are not those of this study. */
export function samplesOf(outcome: ExperimentOutcome): { question: Question; samples: Sample[] } | undefined {
  const edit = outcome.edits.at(0);
  const window = windowOf(outcome);
  if (edit === undefined || window === undefined || typeof edit.where !== 'string') return undefined;
  const { site, where, amount } = edit;
  const question = where === 'everywhere' ? 'style' : 'place';
  const words = [...new Set(Object.keys(outcome.measures).flatMap((measure) => /^(?:centre|presence):(.+)$/.exec(measure)?.[1] ?? []))];
  const [word, others] = [words.at(0), words.slice(1)];
  if (word === undefined) return undefined;
  const samples = outcome.seeds.map((seed, index): Sample => ({
    cluster: `${outcome.prompt}\n${seed}`, prompt: outcome.prompt, seed, word, others, window, site, where, amount,
    folder: outcome.edited[index]?.folder ?? null,
    baselineFolder: outcome.baseline[index]?.folder ?? null,
    value: (measure, arm = 'edited') => valueOf(outcome.measures[measure], arm)?.perSeed[index] ?? undefined,
  }));
  return { question, samples };
}

function valueOf(measure: MeasureOutcome | undefined, arm: Arm): { perSeed: readonly (number | null)[] } | undefined {
  return arm === 'edited' ? measure : measure?.controls[arm];
}

/** The window whose every step the first edit is in force at, and no other step. */
function windowOf({ edits, t }: ExperimentOutcome): WindowName | undefined {
  const bounds: Record<WindowName, [number, number]> = { early: [0.6, 1], middle: [0.2, 0.6], late: [0, 0.2] };
  return windowNames.find((name) => {
    const steps = t.flatMap((time, step) => (time >= bounds[name][0] && time <= bounds[name][1] ? [step] : []));
    return JSON.stringify(steps) === JSON.stringify(edits[0]?.steps);
  });
}
