import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { float32 } from '../../../../src/base/tensor.ts';
import { labelsFile } from '../../../../src/concepts/labels.ts';
import { SaeNames } from '../../../../src/editor/timeline/saeNames.ts';
import { writeSaelens } from '../../../../src/sae/writeSaelens.ts';
import { hashSae, loadSaeFolder } from '../../../../src/sae/loadSaes.ts';
import { encodeSidecar, sidecarName } from '../../../../src/sae/sidecar.ts';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';

const [n, k, d] = [5, 2, 3];
const mean = [0, 1, 2, 3, 4];
const shape = { n, k };
const blank = { labels: {}, typical: new Float32Array(n), contextFree: [] };
let folder: string;
let hash: string;

beforeEach(async () => {
  folder = join(await temporaryFolder(), 'sae');
  const zeros = (...sides: number[]) => float32(new Float32Array(sides.reduce((a, b) => a * b)), sides);
  await writeSaelens(folder, { wEnc: zeros(d, n), bEnc: zeros(n), wDec: zeros(n, d), bDec: zeros(d) }, { k, site: 'mid', model: 'any' });
  await writeFile(join(folder, sidecarName), encodeSidecar({
    format: 1, site: 'mid', activation: 'update', branch: 'cond', tRange: [0, 1], modelHash: 'm', k, trainedCells: 0, statistics: { mean, density: mean.map(() => 0.1), max: mean }, quality: {},
  }));
  [{ hash }] = await loadSaeFolder(folder);
});

async function label(saeHash: string): Promise<void> {
  const label = '<img src=x onerror=alert(1)>';
  await writeFile(join(folder, labelsFile), JSON.stringify({ saeHash, concepts: { 3: { label, labels: [], contextFree: false }, 4: { label: null, labels: [], contextFree: true } } }));
}

describe('names of concepts', () => {
  it('are those of the very SAE that made the trace, as plain text', async () => {
    expect(await hashSae(folder)).toBe(hash);
    const names = new SaeNames();
    expect(await names.of({ folder, hash }, shape)).toEqual({ ...blank, typical: Float32Array.from(mean) });
    await label(hash);
    const named = { labels: { 3: '<img src=x onerror=alert(1)>' }, typical: Float32Array.from(mean), contextFree: [4] };
    expect(await names.of({ folder, hash }, shape)).toEqual(named);
    expect(await names.of({ folder, hash: undefined }, shape)).toEqual(named);
  });

  it('are left out when the labels were made for another SAE', async () => {
    await label('another');
    expect(await new SaeNames().of({ folder, hash }, shape)).toEqual({ ...blank, typical: Float32Array.from(mean) });
  });

  it('are left out when another SAE stands in its place, even with the labels still there; usual activations, too', async () => {
    const names = new SaeNames();
    await label(hash);
    expect((await names.of({ folder, hash }, shape)).typical).toEqual(Float32Array.from(mean));
    const sidecar = await readFile(join(folder, sidecarName), 'utf8');
    await writeFile(join(folder, sidecarName), sidecar.replace('"trainedCells": 0', '"trainedCells": 77'));
    expect(await names.of({ folder, hash }, shape)).toEqual({ labels: { 3: '<img src=x onerror=alert(1)>' }, typical: new Float32Array(n), contextFree: [4] });
    expect(await names.of({ folder, hash }, { n: 6, k })).toEqual({ ...blank, typical: new Float32Array(6) });
    expect(await names.of({ folder, hash }, { n, k: 3 })).toEqual(blank);
  });

  it('are left out where nothing readable lies, or the path leads to another machine', async () => {
    const names = new SaeNames();
    for (const path of ['', 'relative/sae', join(folder, 'absent'), `//host/share/${folder}`, `\\\\host\\share`]) expect(await names.of({ folder: path, hash }, shape)).toEqual(blank);
    expect(await names.of(undefined, shape)).toEqual(blank);
    await appendFile(join(folder, sidecarName), '{');
    expect(await names.of({ folder, hash }, shape)).toEqual(blank);
  });
});
