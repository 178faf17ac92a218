import { say, type Phrase } from '../base/phrase.ts';
import type { ExperimentOutcome } from './outcome.ts';

type Speaker = Parameters<typeof say>[1];

/** An outcome whose sentences are said in another language. @param translate a template and what stands in its places, as `vscode.l10n.t` */
export function inLanguage(outcome: ExperimentOutcome, translate: Speaker): ExperimentOutcome {
  const told = (sentence: Phrase | undefined, text: string): string => (sentence === undefined ? text : say(sentence, translate));
  const runs = (references: ExperimentOutcome['baseline']): ExperimentOutcome['baseline'] => references.map(({ fault, faultPhrase, ...run }) => (fault === undefined ? run : { ...run, fault: told(faultPhrase, fault) }));
  return {
    ...outcome,
    baseline: runs(outcome.baseline), edited: runs(outcome.edited), controls: outcome.controls.map((control) => ({ ...control, runs: runs(control.runs) })),
    without: outcome.without.map(({ control, reason, reasonPhrase }) => ({ control, reason: told(reasonPhrase, reason) })),
    measures: Object.fromEntries(Object.entries(outcome.measures).map(([name, { definition, definitionPhrase, ...measure }]) => [name, { ...measure, definition: told(definitionPhrase, definition) }])),
    expectations: outcome.expectations.map(({ reason, reasonPhrase, ...expectation }) => ({ ...expectation, reason: told(reasonPhrase, reason) })),
  };
}
