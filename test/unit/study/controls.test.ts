import { phrase } from '../../../src/base/phrase.ts';
import { describe, expect, test } from 'vitest';
import type { EditDefinition } from '../../../src/experiment/editDefinition.ts';
import { drawControls } from '../../../src/study/controls.ts';
import type { ControlName } from '../../../src/study/outcome.ts';

const edit: EditDefinition = {
  site: 'mid', concepts: [3, 5], operation: 'add', amount: 2, unit: 'mean', where: 'left', elsewhere: 'keep', branch: 'cond', steps: [0, 1],
};
const all: ControlName[] = ['identity', 'random-concept', 'shuffled-region'];
const pool = { candidates: (site: string): number[] => (site === 'mid' ? [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] : [1]) };

describe('controls', () => {
  test('by default three draws of each, the same every time, none of identity', () => {
    const { draws, without } = drawControls([edit], all, pool);
    expect(draws.map(({ control, draw }) => `${control} ${draw}`)).toEqual([
      'random-concept 0', 'random-concept 1', 'random-concept 2', 'shuffled-region 0', 'shuffled-region 1', 'shuffled-region 2',
    ]);
    expect(without).toEqual([]);
    expect(drawControls([edit], all, pool)).toEqual({ draws, without });
    expect(drawControls([edit], [], pool).draws).toEqual([]);
  });

  test('random concepts are alive, others than those edited, and differ within a draw', () => {
    const drawn = drawControls([edit], ['random-concept'], pool).draws.map(({ edits: [{ writes = [] }] }) => writes);
    for (const writes of drawn) {
      expect(new Set(writes).size).toBe(2);
      for (const id of writes) expect([0, 1, 2, 4, 6, 7, 8, 9]).toContain(id);
    }
    expect(new Set(drawn.map(String)).size).toBeGreaterThan(1);
  });

  test('one concept gives way to the same one in every edit of a draw', () => {
    const other: EditDefinition = { ...edit, concepts: [5], operation: 'scale', amount: 0, unit: 'raw', where: 'right' };
    for (const { edits: [first, second] } of drawControls([edit, other], ['random-concept'], pool).draws) {
      expect(second.writes).toEqual([first.writes?.[1]]);
    }
  });

  test('a stronger or later edit has the same controls, another place or concept others', () => {
    const writes = (changed: Partial<EditDefinition>): unknown => drawControls([{ ...edit, ...changed }], ['random-concept'], pool).draws.map(({ edits }) => edits[0].writes);
    expect(writes({ amount: 9, steps: [7] })).toEqual(writes({}));
    expect(writes({ where: 'top' })).not.toEqual(writes({}));
  });

  test('shuffling leaves edits alone that act everywhere', () => {
    const everywhere: EditDefinition = { ...edit, where: 'everywhere' };
    const [{ edits }] = drawControls([edit, everywhere], ['shuffled-region'], pool).draws;
    expect(edits[0].shuffle).toBeTypeOf('number');
    expect(edits[1]).toEqual(everywhere);
  });

  test('regions that cover all cells alike have no other order', () => {
    const reason = phrase`every region covers all cells alike, so that their order does not matter`;
    const masks = new Map(['white', 'grey', 'half'].map((name, at) => [name, { width: 2, height: 1, data: Float32Array.from([1, 0.5, 1].slice(at, at + 1).concat([1, 0.5, 0][at])) }]));
    const without = (...where: EditDefinition['where'][]) => drawControls(where.map((region) => ({ ...edit, where: region })), ['shuffled-region'], pool, (hash) => masks.get(hash)).without;
    const even: EditDefinition['where'][] = [{ box: [0, 0, 1, 1] }, { polygon: [[0, 0], [1, 0], [1, 1], [0, 1]] }, { mask: 'white' }, { mask: 'grey' }, { concepts: [3], above: 0 }];
    for (const where of even) expect(without(where, 'everywhere')).toEqual([{ control: 'shuffled-region', reason }]);
    const uneven: EditDefinition['where'][] = ['left', { box: [0, 0, 1, 0.99] }, { polygon: [[0, 0], [1, 0], [1, 1]] }, { mask: 'half' }, { mask: 'unknown' }, { concepts: [3], above: 0.1 }];
    for (const where of uneven) expect(without(where, 'everywhere')).toEqual([]);
  });

  test('what does not apply is said', () => {
    expect(drawControls([{ ...edit, where: 'everywhere' }], all, pool).without).toEqual([{ control: 'shuffled-region', reason: phrase`the edits act everywhere` }]);
    expect(drawControls([{ ...edit, site: 'up', concepts: [1] }], ['random-concept'], pool).without).toEqual([{ control: 'random-concept', reason: phrase`no other concept is alive at ${'up'}` }]);
    expect(drawControls([], all, pool)).toEqual({ draws: [], without: all.map((control) => ({ control, reason: phrase`no edit is in force` })) });
  });
});
