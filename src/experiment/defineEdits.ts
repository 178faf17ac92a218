import type { ResolvedEdit } from '../spec/resolveSpec.ts';
import type { Window } from '../spec/schema.ts';
import type { EditDefinition, RegionDefinition } from './editDefinition.ts';

/**
 * Edits as far as they decide what a run computes: windows become steps, masks their hashes. What changes nothing is left out, so that equal runs have
 * equal keys: adding 0 or scaling by 1 where nothing is ablated elsewhere, and windows that hold no step.
 * @param stepsOf the steps of a run that belong to a window. @param maskHash the hash of a mask's pixels, by its path as the spec writes it
 */
export function defineEdits(edits: readonly ResolvedEdit[], stepsOf: (window: Window) => readonly number[], maskHash: (path: string) => string): EditDefinition[] {
  return edits.flatMap(({ site, concepts, operation, amount, unit, where, elsewhere, during, branch }) => {
    const edit: EditDefinition = {
      site, concepts: [...concepts], operation, amount, unit, where: defineRegion(where, maskHash),
      elsewhere: where === 'everywhere' ? 'keep' : elsewhere, branch, steps: [...stepsOf(during)],
    };
    return edit.steps.length === 0 || changesNothing(edit) ? [] : [edit];
  });
}

function changesNothing({ operation, amount, elsewhere }: EditDefinition): boolean {
  return elsewhere === 'keep' && ((operation === 'add' && amount === 0) || (operation === 'scale' && amount === 1));
}

function defineRegion(where: ResolvedEdit['where'], maskHash: (path: string) => string): RegionDefinition {
  if (typeof where === 'string') return where;
  if ('mask' in where) return { mask: maskHash(where.mask) };
  if ('concepts' in where) return { concepts: [...where.concepts], above: where.above };
  return 'box' in where ? { box: [...where.box] } : { polygon: where.polygon.map(([x, y]) => [x, y]) };
}
