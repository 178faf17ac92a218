import { findNodeAtLocation, getNodeValue, type Node } from 'jsonc-parser';
import type { InputError } from '../base/errors.ts';
import { phrase, type Phrase } from '../base/phrase.ts';
import { formatPath, parsePointer } from '../spec/jsonPath.ts';
import { Experiment } from '../spec/schema.ts';
import { viewSchema } from '../spec/schemaView.ts';
import { splice } from '../spec/splice.ts';
import { validate } from '../spec/validate.ts';

/** A JSON pointer into an experiment, and the values it takes. */
export interface Axis {
  readonly pointer: string;
  readonly values: readonly unknown[];
}

/** Which value of each axis, for every point of a grid, row-major: the last axis runs fastest. @param lengths of the axes */
export function gridOf(lengths: readonly number[]): number[][] {
  return lengths.reduce<number[][]>((points, length) => points.flatMap((point) => Array.from({ length }, (_, index) => [...point, index])), [[]]);
}

/**
 * An experiment with every combination of values in its places, row-major. Each value fits alone, which the check of the spec has seen to; together they
 * may not.
 * @param base of the experiment. @param vary of the sweep's `vary`
 * @param fault makes the error for the variant at an index
 */
export function variantsOf(base: Node, vary: Node, axes: readonly Axis[], fault: (message: Phrase, remedy: Phrase, index: readonly number[]) => InputError): Experiment[] {
  return gridOf(axes.map(({ values }) => values.length)).map((index) => {
    let variant = base;
    for (const [axis, { pointer }] of axes.entries()) {
      const value = findNodeAtLocation(vary, [pointer, index[axis]]);
      const next = value && splice(variant, parsePointer(pointer), value);
      if (next === undefined) throw fault(phrase`"${pointer}" leads nowhere in the experiment`, phrase`Write a JSON pointer such as "/edits/0/add".`, index);
      variant = next;
    }
    const wrong = validate(viewSchema(Experiment), variant).at(0);
    if (wrong !== undefined) throw fault(phrase`${formatPath(wrong.path)} of the experiment: ${wrong.message}`, phrase`${wrong.remedy}`, index);
    return getNodeValue(variant) as Experiment;
  });
}
