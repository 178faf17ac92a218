import fc from 'fast-check';
import { expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { checkInstrumentable } from '../../../src/instrument/checkInstrumentable.ts';
import { gridsOf } from '../../../src/instrument/gridsOf.ts';
import { siteCandidates } from '../../../src/instrument/siteCandidates.ts';
import { findSites } from '../../../src/instrument/sites.ts';
import type { GraphNode } from '../../../src/onnx/messages.ts';
import { indexModel } from '../../../src/onnx/modelIndex.ts';
import type { ModelIndex } from '../../../src/onnx/modelIndex.ts';
import { exportFolder } from '../../support/exports.ts';

const models = await Promise.all(['sd1-optimum', 'sd1-dynamo-fp16', 'sdxl-optimum', 'sd1-for-the-cpu'].map((name) => indexModel(`${exportFolder(name)}/unet/model.onnx`)));

/** What can be done to a graph without touching its bytes. */
type Damage = readonly [kind: 'rewire' | 'rename' | 'retype' | 'drop' | 'twice' | 'forget' | 'reverse', at: number, to: number];
const damage = fc.tuple(fc.constantFrom('rewire', 'rename', 'retype', 'drop', 'twice', 'forget', 'reverse'), fc.nat(), fc.nat()) as fc.Arbitrary<Damage>;

function damaged(index: ModelIndex, damages: readonly Damage[]): ModelIndex {
  let nodes = [...index.nodes];
  const weights = new Map(index.weights);
  for (const [kind, at, to] of damages) {
    if (nodes.length === 0) break;
    const [here, there] = [at % nodes.length, to % nodes.length];
    const [node, other] = [nodes[here], nodes[there]];
    const change = (more: Partial<GraphNode>): void => { nodes[here] = { ...node, ...more }; };
    switch (kind) {
      case 'rewire': change({ inputs: [...node.inputs.slice(1), other.outputs[0] ?? ''] }); break; // also backwards: circles
      case 'rename': change({ outputs: other.outputs }); break;
      case 'retype': change({ opType: other.opType, domain: other.domain }); break;
      case 'drop': nodes.splice(here, 1); break;
      case 'twice': nodes.splice(there, 0, node); break;
      case 'forget': weights.delete([...weights.keys()][at % Math.max(weights.size, 1)] ?? ''); break;
      case 'reverse': nodes = nodes.reverse(); break;
    }
  }
  return { ...index, nodes, weights };
}

it('sites, candidates and grids of any graph are told or refused, in circles too', { timeout: 60_000 }, () => {
  const given = fc.tuple(fc.constantFrom(...models), fc.array(damage, { maxLength: 12 }));
  let found = 0;
  fc.assert(fc.property(given, ([model, damages]) => {
    const index = damaged(model, damages);
    for (const look of [() => { checkInstrumentable(index, true); }, () => { found += findSites(index).length; }]) {
      try {
        look();
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }
    for (const { sum, update } of siteCandidates(index)) expect([typeof sum, typeof update]).toEqual(['string', 'string']);
    for (const [, grid] of gridsOf(index, 'sample', [8, 8])) expect(grid.every((length) => Number.isSafeInteger(length) && length > 0)).toBe(true);
  }), { numRuns: 60, seed: 1 });
  expect(found).toBeGreaterThan(50);
});
