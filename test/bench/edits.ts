import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { float32, sizeOf } from '../../src/base/tensor.ts';
import { TorchGenerator } from '../../src/base/torchRandom.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import type { EditDefinition } from '../../src/experiment/editDefinition.ts';
import { TracingModel } from '../../src/experiment/tracingModel.ts';
import type { SiteEdits } from '../../src/instrument/siteEdits.ts';
import { loadSaeFolder } from '../../src/sae/loadSaes.ts';
import { writeRandomSaes } from '../support/randomSaes.ts';
import { scenesFolder } from '../support/scenes.ts';

const rounds = 150;
const at: Omit<EditDefinition, 'site'> = { concepts: [3, 50], operation: 'add', amount: 1, unit: 'mean', where: 'left', elsewhere: 'keep', branch: 'cond', steps: [0] };

/** Eight edits at three sites: every operation, regions of every kind, and units that need the activations. */
function edits([first, second, third]: readonly string[]): EditDefinition[] {
  return [
    { ...at, site: first }, { ...at, site: first, operation: 'scale', unit: 'raw', amount: 0 }, { ...at, site: first, unit: 'norm', where: { box: [0.1, 0.2, 0.7, 0.9] } },
    { ...at, site: second, elsewhere: 'ablate' }, { ...at, site: second, operation: 'set' }, { ...at, site: second, where: { concepts: [3], above: 0.1 } },
    { ...at, site: third, unit: 'share' }, { ...at, site: third, operation: 'scale', unit: 'raw', amount: 2, where: 'top' },
  ];
}

/**
 * What edits cost: a guided step of Scenes' U-Net with eight edits at three sites over one without, in one session and taken in turns; lower
 * quartiles of their times. Once as runs are made, with every site traced, and once with nothing traced, where the edits alone need the SAEs.
 */
export async function bench(): Promise<Record<string, number | null>> {
  const folder = await mkdtemp(join(tmpdir(), 'dmi-bench-'));
  try {
    const sites = await writeRandomSaes(join(folder, 'saes'), scenesFolder, { n: 896, k: 8 });
    const edited = [sites[1], sites[2], sites[sites.length - 2]];
    return { edited_over_untouched: await ratio(folder, sites, edited), edited_over_untouched_untraced: await ratio(folder, [], edited) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function ratio(folder: string, traced: readonly string[], edited: readonly string[]): Promise<number> {
  const saes = await loadSaeFolder(join(folder, 'saes'));
  const of = (sites: readonly string[]): typeof saes => saes.filter(({ site }) => sites.includes(site));
  const model = await TracingModel.load(await openPipelineFolder(scenesFolder), of(traced), 'cond', folder, {}, of(edited));
  try {
    const inForce = (await model.editInputs({ masks: new Map(), guided: true })).at([edits(edited)], 0);
    const [, ...shape] = model.pipeline.latentShape;
    const sample = float32(new TorchGenerator(0).randn(2 * sizeOf(shape)), [2, ...shape]);
    const text = await model.pipeline.condition({ prompt: 'a red house', negativePrompt: '', guidanceScale: 2 });
    const step = async (now: readonly SiteEdits[]): Promise<number> => {
      const start = performance.now();
      await model.predict(sample, 500, text, now);
      return performance.now() - start;
    };
    const times = { untouched: [] as number[], edited: [] as number[] };
    for (let round = -3; round < rounds; round++) {
      for (const kind of round % 2 === 0 ? ['untouched', 'edited'] as const : ['edited', 'untouched'] as const) { // neither always follows the other
        const time = await step(kind === 'edited' ? inForce : []);
        if (round >= 0) times[kind].push(time);
      }
    }
    // What else the machine does only ever adds: the lower quartile sees least of it.
    const [untouched, withEdits] = [times.untouched, times.edited].map((each) => each.sort((a, b) => a - b)[Math.floor(rounds / 4)]);
    return withEdits / untouched;
  } finally {
    await model.close();
  }
}
