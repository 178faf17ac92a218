import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { conceptMaps, indexConcepts } from '../../../src/concepts/maps.ts';
import { conceptCourses } from '../../../src/editor/language/conceptCourses.ts';
import { readConceptMaps } from '../../../src/experiment/conceptMaps.ts';
import { encodeTrace } from '../../../src/experiment/traceFile.ts';
import { fakeSae } from '../../support/modelFacts.ts';
import { fakeSiteTrace } from '../../support/fakeTrace.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const steps = [0, 2, 5, 9];
const site = 'up_blocks.0.attentions.0';
const traces = [fakeSiteTrace(steps), fakeSiteTrace(steps, { site, height: 4, width: 2, run: 1 }), fakeSiteTrace(steps, { site, branch: 'uncond', height: 4, width: 2, run: 3 })];

async function writeTrace(): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'trace.safetensors'), encodeTrace({ steps, timesteps: Float32Array.from(steps, (step) => 999 - step), sites: traces }, {}));
  return folder;
}

it('reads the maps of a few concepts, the same as from the whole trace', async () => {
  const folder = await writeTrace();
  for (const trace of traces) {
    const found = await readConceptMaps(join(folder, 'trace.safetensors'), { site: trace.site, branch: trace.branch, concepts: [0, 4, 10] });
    expect([found?.steps, found?.height, found?.width]).toEqual([steps, trace.height, trace.width]);
    for (const concept of [0, 4, 10]) expect(found?.maps.get(concept)).toEqual(conceptMaps(trace, indexConcepts(trace), concept));
  }
  expect(await readConceptMaps(join(folder, 'trace.safetensors'), { site: 'nowhere', branch: 'cond', concepts: [0] })).toBeUndefined();
});

it('refuses a trace that is damaged', async () => {
  const file = join(await temporaryFolder(), 'trace.safetensors');
  const [{ indices, values, ...shape }] = traces;
  const cut = { ...shape, indices: indices.subarray(0, 24), values: values.subarray(0, 24) }; // two steps, where four are named
  await writeFile(file, encodeTrace({ steps: [0, 2], timesteps: Float32Array.of(1, 2), sites: [cut] }, {}));
  expect((await readConceptMaps(file, { site: cut.site, branch: 'cond', concepts: [0] }))?.maps.get(0)).toHaveLength(12);
  await writeFile(file, (await readFile(file)).toString('latin1').replace('\\"width\\":3', '\\"width\\":5'), 'latin1');
  await expect(readConceptMaps(file, { site: cut.site, branch: 'cond', concepts: [0] })).rejects.toThrow('wrong type or size');
  await writeFile(file, 'nothing');
  await expect(readConceptMaps(file, { site, branch: 'cond', concepts: [0] })).rejects.toThrow('too few');
});

it('shows one concept in several runs, and of several concepts the strongest in the first run', async () => {
  const folder = await writeTrace();
  const sae = fakeSae(site, {}, { n: 11 });
  const runs = [0, 1, 2, 3].map((seed) => ({ folder, seed }));
  const one = await conceptCourses([{ sae, id: 4 }], runs, 'cond');
  expect(one.map(({ seed, id }) => [seed, id])).toEqual([[0, 4], [1, 4], [2, 4]]);
  expect(one[0].picture).toMatch(/^data:image\/png;base64,/);
  expect(one[0].size).toEqual([64, 128]);
  const several = await conceptCourses([1, 2, 3, 4, 5].map((id) => ({ sae, id })), runs, 'cond');
  expect(several.map(({ seed }) => seed)).toEqual([0, 0, 0]);
  expect(new Set(several.map(({ id }) => id)).size).toBe(3);
});

it('passes over runs whose trace is not there', async () => {
  expect(await conceptCourses([{ sae: fakeSae(site, {}), id: 1 }], [{ folder: '/nowhere', seed: 0 }], 'cond')).toEqual([]);
});
