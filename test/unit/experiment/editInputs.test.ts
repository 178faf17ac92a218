import { describe, expect, it } from 'vitest';
import type { EditDefinition } from '../../../src/experiment/editDefinition.ts';
import { EditInputs } from '../../../src/experiment/editInputs.ts';
import type { EditSlot } from '../../../src/instrument/siteEdits.ts';

const sites = [
  { site: 'mid_block.attentions.0', grid: [2, 2] as const, means: [1, 2, 4, 8] },
  { site: 'up_blocks.0.attentions.0', grid: [4, 4] as const, means: [0.5, 3] },
];
const mask = { width: 2, height: 1, data: Float32Array.of(0.25, 1) };
const masks = new Map([['hash', mask]]);
const inputs = new EditInputs({ sites, masks, guided: true });
const edit: EditDefinition = {
  site: sites[0].site, concepts: [1], operation: 'add', amount: 3, unit: 'raw', where: 'everywhere', elsewhere: 'keep', branch: 'cond', steps: [2, 3],
};

/** The slots of the one edited row of one variant. */
function slotsOf(change: Partial<EditDefinition>, of = inputs): readonly EditSlot[] {
  const [{ rows }] = of.at([[{ ...edit, ...change }]], 2);
  const edited = rows.filter((slots) => slots.length > 0);
  expect(edited.length).toBe(1);
  return edited[0];
}

const list = (values: Float32Array | undefined): number[] | undefined => values && [...values];

describe('edits at a step', () => {
  it('are those in force, by site in the order of the network', () => {
    const other = { ...edit, site: sites[1].site, steps: [3] };
    expect(inputs.at([[other, edit]], 1)).toEqual([]);
    expect(inputs.at([[other, edit]], 2).map(({ site }) => site)).toEqual([sites[0].site]);
    expect(inputs.at([[other, edit]], 3).map(({ site }) => site)).toEqual([sites[0].site, sites[1].site]);
  });

  it('are the same object where the same is in force, whichever steps are in force as well', () => {
    const [first, second] = [inputs.at([[edit]], 2), inputs.at([[{ ...edit, steps: [3, 4, 5] }]], 3)];
    expect(second).toBe(first);
    expect(inputs.at([[{ ...edit, amount: 4 }]], 2)).not.toBe(first);
  });

  it('go to the rows of their branch and variant: [uncond x V, cond x V]', () => {
    const rowsOf = (branch: EditDefinition['branch'], guided = true): number[][] => {
      const answer = new EditInputs({ sites, masks, guided }).at([[], [{ ...edit, branch }]], 2);
      return answer.flatMap(({ rows }) => rows.map((slots) => slots.map(({ bias }) => bias?.[0] ?? NaN)));
    };
    expect(rowsOf('cond')).toEqual([[], [], [], [3]]);
    expect(rowsOf('uncond')).toEqual([[], [3], [], []]);
    expect(rowsOf('both')).toEqual([[], [3], [], [3]]);
    expect(rowsOf('contrast')).toEqual([[], [-3], [], [3]]);
    for (const branch of ['cond', 'both', 'contrast'] as const) expect(rowsOf(branch, false), 'without guidance, one row and that is cond').toEqual([[], [3]]);
    expect(rowsOf('uncond', false)).toEqual([]);
  });
});

describe('operations', () => {
  const where = { mask: 'hash' }; // m = [0.25, 1, 0.25, 1]
  const keep = [
    ['add', { amount: 3 }, undefined, [0.75, 3, 0.75, 3]],
    ['scale', { amount: 3 }, [0.5, 2, 0.5, 2], undefined],
    ['set', { amount: 3 }, [-0.25, -1, -0.25, -1], [0.75, 3, 0.75, 3]],
  ] as const;
  it.each(keep)('%s', (operation, change, gain, bias) => {
    const [slot] = slotsOf({ operation, where, ...change });
    expect([list(slot.gain), list(slot.bias), slot.unit]).toEqual([gain, bias, 'raw']);
  });

  it.each([['add', [-0.75, 0, -0.75, 0]], ['scale', [0.5 - 0.75, 2, 0.5 - 0.75, 2]], ['set', [-1, -1, -1, -1]]] as const)('%s, with the concept removed elsewhere', (operation, gain) => {
    expect(list(slotsOf({ operation, where, elsewhere: 'ablate' })[0].gain)).toEqual(gain);
  });

  it('that cancel to nothing still read', () => {
    expect(list(slotsOf({ operation: 'scale', amount: 1 })[0].gain)).toEqual([0, 0, 0, 0]);
  });

  it('have a slot for each concept, in the mean of each', () => {
    const slots = slotsOf({ concepts: [0, 2, 3], unit: 'mean', writes: [1, 1, 0] });
    expect(slots.map(({ reads, writes, bias, unit }) => [reads, writes, bias?.[0], unit])).toEqual([[0, 1, 3, 'raw'], [2, 1, 12, 'raw'], [3, 0, 24, 'raw']]);
  });

  it.each(['norm', 'share'] as const)('leave the unit %s to the graph', (unit) => {
    const [slot] = slotsOf({ unit });
    expect([slot.unit, list(slot.bias)]).toEqual([unit, [3, 3, 3, 3]]);
  });
});

describe('regions', () => {
  it('of concepts are left to the graph, with what happens outside and the order of their cells', () => {
    const [slot] = slotsOf({ operation: 'set', where: { concepts: [2, 3], above: 0.3 }, elsewhere: 'ablate', branch: 'uncond', shuffle: 9 });
    expect(slot.where).toMatchObject({ concepts: [2, 3], above: 0.3, gainOutside: -1 });
    expect([...slot.where?.order ?? []].sort()).toEqual([0, 1, 2, 3]);
    expect([list(slot.gain), list(slot.bias)]).toEqual([[-1, -1, -1, -1], [3, 3, 3, 3]]);
  });

  it('are shuffled by their seed alone: same cells, another place, the same place at every step', () => {
    const bias = (change: Partial<EditDefinition>): number[] | undefined => list(slotsOf({ site: sites[1].site, where: 'left', concepts: [1], ...change })[0].bias);
    const [plain, shuffled] = [bias({}), bias({ shuffle: 1 })];
    expect(shuffled).not.toEqual(plain);
    expect(shuffled?.sort()).toEqual(plain?.sort());
    expect(bias({ shuffle: 1, steps: [2, 9] })).toEqual(bias({ shuffle: 1 }));
    expect(bias({ shuffle: 2 })).not.toEqual(bias({ shuffle: 1 }));
  });
});

describe('edits that cannot be made', () => {
  it.each<[string, Partial<EditDefinition>, RegExp]>([
    ['a site', { site: 'mid_block.attentions.1' }, /the site mid_block.attentions.1 cannot be edited; sites that can: mid_block.attentions.0/],
    ['a concept', { concepts: [4] }, /no concept 4 among 4/], ['a region', { where: 'middle' }, /no region is called middle/],
    ['a mask', { where: { mask: 'other' } }, /no mask of the hash other/], ['concepts to write', { writes: [] }, /0 concepts to write for 1 read/],
  ])('are RangeErrors: %s that is not there', (_, change, message) => {
    expect(() => inputs.at([[{ ...edit, ...change }]], 2)).toThrow(RangeError);
    expect(() => inputs.at([[{ ...edit, ...change }]], 2)).toThrow(message);
  });
});
