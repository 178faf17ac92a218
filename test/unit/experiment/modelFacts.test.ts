import { mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTree } from 'jsonc-parser';
import { beforeEach, describe, expect, it } from 'vitest';
import { float32 } from '../../../src/base/tensor.ts';
import { checkAgainstFacts } from '../../../src/experiment/checkAgainstFacts.ts';
import { factsOfSpec } from '../../../src/experiment/factsOfSpec.ts';
import { FactsReader, modelView, type ModelFacts } from '../../../src/experiment/modelFacts.ts';
import { readSaeFacts } from '../../../src/experiment/saeFacts.ts';
import { writeSaelens } from '../../../src/sae/writeSaelens.ts';
import { encodeSidecar } from '../../../src/sae/sidecar.ts';
import { english } from '../../../src/base/phrase.ts';
import { FileFinder } from '../../../src/spec/fileFinder.ts';
import { scenesFolder } from '../../support/scenes.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const n = 6;
/** A project with one model, two SAEs beside it, and labels for one of them. */
let root: string;

async function writeSae(folder: string, site: string, labels?: object): Promise<void> {
  const zeros = (...shape: number[]) => float32(new Float32Array(shape.reduce((a, b) => a * b)), shape);
  await writeSaelens(folder, { wEnc: zeros(2, n), bEnc: zeros(n), wDec: zeros(n, 2), bDec: zeros(2) }, { k: 2, site, model: 'm' });
  const perConcept = Array.from({ length: n }, (_, id) => id / 10);
  await writeFile(join(folder, 'dmi-sae.json'), encodeSidecar({
    format: 1, site, activation: 'update', branch: 'cond', tRange: [0, 1], modelHash: 'm', k: 2, trainedCells: 9,
    statistics: { mean: perConcept, density: perConcept, max: perConcept }, quality: {},
  }));
  if (labels !== undefined) await writeFile(join(folder, 'dmi-labels.json'), JSON.stringify({ format: 1, saeHash: 'h', concepts: labels }));
}

const row = { label: 'house', kind: 'mask', iou: 0.7, n: 5, of: 9, steps: 'early', firstStep: 1 };

beforeEach(async () => {
  root = await temporaryFolder();
  await writeFile(join(root, 'package.json'), '{}');
  await writeSae(join(root, 'model/saes/up'), 'up_blocks.10.attentions.0');
  await writeSae(join(root, 'model/saes/up2'), 'up_blocks.2.attentions.0');
  await writeSae(join(root, 'model/saes/mid'), 'mid_block.attentions.0', {
    1: { label: 'red house', labels: [row], contextFree: false }, 4: { label: null, labels: [row, { ...row, kind: 'nonsense' }], contextFree: true },
  });
});

function factsOf(spec: object, reader = new FactsReader()): Promise<ModelFacts | undefined> {
  const tree = parseTree(JSON.stringify(spec));
  if (tree === undefined) throw new Error('no tree');
  return factsOfSpec(tree, new FileFinder('a.dmi.json', root), reader);
}

describe('facts of an SAE', () => {
  it('are its sidecar and its labels, best label and bearers apart', async () => {
    const facts = await readSaeFacts(join(root, 'model/saes/mid'));
    expect(facts).toMatchObject({ site: 'mid_block.attentions.0', branch: 'cond', d: 2, n, k: 2, mean: [0, 0.1, 0.2, 0.3, 0.4, 0.5], labelsHash: 'h' });
    expect([...facts.labels]).toEqual([[1, 'red house']]);
    expect([...facts.idsByLabel]).toEqual([['house', [1, 4]], ['red house', [1]]]);
    expect(facts.evidence.get(4)).toEqual([row]);
    expect([...facts.contextFree]).toEqual([4]);
  });

  it('are refused where they belong to another size, or are no such thing', async () => {
    const folder = join(root, 'model/saes/mid');
    await writeFile(join(folder, 'dmi-labels.json'), '{ "concepts": { "6": {} } }');
    await expect(readSaeFacts(folder)).rejects.toThrow('the SAE has 6 concepts');
    await writeFile(join(folder, 'dmi-labels.json'), '{ "concepts": [{ "label": "x" }] }');
    expect((await readSaeFacts(folder)).labels.size).toBe(0);
    await writeFile(join(folder, 'dmi-sae.json'), (await readFile(join(folder, 'dmi-sae.json'), 'utf8')).replace('"mean":[0,', '"mean":['));
    await expect(readSaeFacts(folder)).rejects.toThrow('is not the sidecar of an SAE with 6 concepts');
    await writeFile(join(folder, 'dmi-sae.json'), '3');
    await expect(readSaeFacts(folder)).rejects.toThrow('is not the sidecar');
  });
});

describe('facts of a model', () => {
  it('stand in the order of the network, without a judge', async () => {
    const facts = await factsOf({ model: 'model' });
    expect(facts?.saes.map(({ site }) => site)).toEqual(['mid_block.attentions.0', 'up_blocks.2.attentions.0', 'up_blocks.10.attentions.0']);
    expect([facts?.modelName, facts?.nouns, facts?.faults]).toEqual(['model', undefined, []]);
  });

  it('are none where there is no model, or it lies outside', async () => {
    expect(await factsOf({ model: 'other' })).toBeUndefined();
    expect(await factsOf({ model: '/etc' })).toBeUndefined();
    expect(await factsOf({})).toBeUndefined();
  });

  it('are the same object until something changes on the disk', async () => {
    const reader = new FactsReader();
    const first = await factsOf({ model: 'model' }, reader);
    expect(await factsOf({ model: 'model' }, reader)).toBe(first);
    const labels = join(root, 'model/saes/up/dmi-labels.json');
    await writeFile(labels, JSON.stringify({ concepts: { 2: { label: 'sky', labels: [] } } }));
    const second = await factsOf({ model: 'model' }, reader);
    expect(second && modelView(second).idsOf('up_blocks.10.attentions.0', 'sky')).toEqual([2]);
    expect(second?.saes[0]).toBe(first?.saes[0]); // the others are not read again
    await utimes(labels, new Date(), new Date(Date.now() - 60_000));
    expect(await factsOf({ model: 'model' }, reader)).not.toBe(second);
  });

  it('leave out what is damaged or stands there twice, and say so', async () => {
    await writeFile(join(root, 'model/saes/up/dmi-sae.json'), '{');
    await writeSae(join(root, 'model/saes/published'), 'anywhere');
    await rm(join(root, 'model/saes/published/dmi-sae.json'));
    await writeSae(join(root, 'model/saes/twin'), 'mid_block.attentions.0');
    const facts = await factsOf({ model: 'model' });
    expect(facts?.saes.map(({ site }) => site)).toEqual(['mid_block.attentions.0', 'up_blocks.2.attentions.0']);
    const tree = parseTree('{ "model": "model" }');
    const remarks = tree === undefined || facts === undefined ? [] : checkAgainstFacts(tree, facts);
    expect(remarks.map(({ code, path, message }) => `${code} ${path.join('.')} ${english(message)}`)).toEqual(expect.arrayContaining([
      expect.stringMatching(/^unreadable model up.dmi-sae\.json 1:2: is not valid JSON/), expect.stringMatching(/^no-sidecar model published.dmi-sae\.json: no file of this name says which activation/), expect.stringContaining('a second SAE for the site mid_block.attentions.0'),
    ]));
  });

  it('know the steps of the scheduler that lies there now', async () => {
    const reader = new FactsReader();
    expect((await factsOf({ model: 'model' }, reader))?.schedule).toBeUndefined();
    await mkdir(join(root, 'model/scheduler'));
    for (const [name, calls] of [['HeunDiscreteScheduler', 9], ['EulerDiscreteScheduler', 5]] as const) {
      await writeFile(join(root, 'model/scheduler/scheduler_config.json'), JSON.stringify({ _class_name: name }));
      expect((await factsOf({ model: 'model' }, reader))?.schedule?.({ steps: 5 })).toMatchObject({ timesteps: { length: calls } });
    }
  });

  it('are those of the folders that the spec names', async () => {
    await mkdir(join(root, 'mine'));
    await writeSae(join(root, 'mine/one'), 'down_blocks.0.attentions.0');
    expect((await factsOf({ model: 'model', saes: ['mine', 'missing'] }))?.saes.map(({ site }) => site)).toEqual(['down_blocks.0.attentions.0']);
    await rm(join(root, 'mine'), { recursive: true });
    expect((await factsOf({ model: 'model', saes: ['mine'] }))?.saes).toEqual([]);
  });

  it('of the built-in model: every site, and the nouns of its judge', async () => {
    const judge = JSON.parse(await readFile(join(scenesFolder, 'judge/judge.json'), 'utf8')) as { segmenter: { outputs: { thing_logits: { vocabulary: string[] } } } };
    const facts = await factsOf({ model: 'builtin:scenes' });
    expect(facts?.saes.length).toBe(7);
    expect(facts?.saes.some(({ labels }) => labels.size > 0)).toBe(true);
    expect(facts?.nouns).toEqual(expect.arrayContaining(judge.segmenter.outputs.thing_logits.vocabulary.slice(1)));
    expect(facts?.nouns).toContain('red house');
    expect(facts?.schedule?.({ steps: 10 })).toMatchObject({ timesteps: { length: 10 }, trainTimesteps: 1000 });
  });
});
