import type { ParsedSpec } from '../../spec/parseSpec.ts';
import { entriesOf, top, valueOf } from '../../spec/place.ts';

/** A stretch of a text, in UTF-16 units. */
interface Stretch {
  readonly offset: number;
  readonly length: number;
}

/** An experiment that expects something. */
export interface ExpectingExperiment {
  readonly name: string;
  /** Measures under `expect`, in the order of the text, with their places. */
  readonly measures: readonly (Stretch & { readonly measure: string })[];
  /** Of its name. */
  readonly at: Stretch;
}

/** The experiments of a spec that can pass or fail; of a text that is broken, those that can be made out. */
export function expectingExperiments({ tree }: Pick<ParsedSpec, 'tree'>): ExpectingExperiment[] {
  return entriesOf(valueOf(top(tree), 'experiments')).flatMap((experiment) => {
    const measures = entriesOf(valueOf(experiment, 'expect')).map(({ key, keyNode: { offset, length } }) => ({ measure: key, offset, length }));
    return measures.length === 0 ? [] : [{ name: experiment.key, measures, at: { offset: experiment.keyNode.offset, length: experiment.keyNode.length } }];
  });
}
