import type { CompareData, Subject } from '../../compareProtocol.ts';

type Outcome = NonNullable<CompareData['outcome']>;
type RunReference = Outcome['baseline'][number];

/** Something that can stand beside the unedited run. */
export interface SubjectRuns {
  /** Tells it from the others of an experiment, also over a reload. */
  readonly key: string;
  readonly subject: Subject;
  /** How many draws its control has. */
  readonly draws: number;
  /** In the order of the outcome's seeds. */
  readonly runs: readonly RunReference[];
}

/** A run that failed. */
export interface RunFault {
  /** null: an unedited run. */
  readonly subject: SubjectRuns | null;
  readonly seed: number;
  readonly fault: string;
}

export function keyOfSubject(subject: Subject): string {
  return subject.role === 'edited' ? 'edited' : `${subject.role} ${subject.draw}`;
}

/** The edit, then the draws of every control. */
export function subjectsOf({ edited, controls }: Pick<Outcome, 'edited' | 'controls'>): SubjectRuns[] {
  const draws = (control: string): number => controls.filter((other) => other.control === control).length;
  return [
    { key: 'edited', subject: { role: 'edited' }, draws: 1, runs: edited },
    ...controls.map(({ control, draw, runs }): SubjectRuns => {
      const subject: Subject = { role: control, draw };
      return { key: keyOfSubject(subject), subject, draws: draws(control), runs };
    }),
  ];
}

/** Every run that failed, unedited ones first. */
export function faultsOf(outcome: Outcome): RunFault[] {
  const failed = (subject: SubjectRuns | null, runs: readonly RunReference[]): RunFault[] =>
    runs.flatMap(({ seed, folder, fault }) => (folder === null || fault !== undefined ? [{ subject, seed, fault: fault ?? '' }] : []));
  return [...failed(null, outcome.baseline), ...subjectsOf(outcome).flatMap((subject) => failed(subject, subject.runs))];
}
