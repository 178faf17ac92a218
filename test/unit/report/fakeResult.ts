import { encode } from 'fast-png';
import { summariseConcepts } from '../../../src/concepts/summariseConcepts.ts';
import type { SiteTrace } from '../../../src/concepts/siteTrace.ts';
import type { ExperimentResult, SiteResult } from '../../../src/experiment/experimentResult.ts';
import type { RunPictures } from '../../../src/report/reportPage.ts';

/** A concept of the fake world: where it ends, how large, and when it comes and goes. */
interface FakeConcept {
  readonly label?: string;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly from: number;
  readonly peak: number;
}

const world: readonly FakeConcept[] = [
  { label: 'house', x: 0.27, y: 0.55, radius: 0.2, from: 0, peak: 5 },
  { label: 'tree', x: 0.75, y: 0.55, radius: 0.18, from: 2, peak: 8 },
  { label: 'meadow', x: 0.5, y: 0.9, radius: 0.5, from: 0, peak: 1 },
  { label: 'striped', x: 0.5, y: 0.5, radius: 0.8, from: 12, peak: 20 },
  { x: 0.1, y: 0.1, radius: 0.25, from: 6, peak: 12 },
  { label: 'red', x: 0.27, y: 0.5, radius: 0.12, from: 4, peak: 14 },
  { label: 'horizon', x: 0.5, y: 0.6, radius: 0.3, from: 0, peak: 2 },
  { x: 0.9, y: 0.2, radius: 0.2, from: 15, peak: 28 },
  { label: 'blue', x: 0.75, y: 0.5, radius: 0.12, from: 5, peak: 15 },
  { x: 0.5, y: 0.2, radius: 0.3, from: 1, peak: 9 },
];

/** A result as a run gives it, from invented data that look like a model's. */
export function fakeResult(options: { prompt?: string; labels?: (label: string | undefined) => string | undefined; seeds?: number; steps?: number; side?: number } = {}): { result: ExperimentResult; pictures: RunPictures[] } {
  const { prompt = 'a red house left and a blue tree right, meadow', labels = (label: string | undefined) => label, seeds = 3, steps: count = 30, side = 16 } = options;
  const steps = [...Array(count).keys()];
  const sites = [['down_blocks.0.attentions.0', 8], ['mid_block.attentions.0', 4]] as const;
  const result: ExperimentResult = {
    specFile: 'demo.dmi.json', modelName: 'scenes', steps, t: steps.map((step) => 1 - (step + 0.5) / count),
    runs: Array.from({ length: seeds }, (_, seed) => ({
      folder: `.dmi/runs/${seed}`, cached: false,
      manifest: {
        format: 1, key: String(seed).repeat(64),
        definition: {
          engine: '0', model: 'a'.repeat(64), saes: Object.fromEntries(sites.map(([site]) => [site, 'b'.repeat(64)])),
          sample: { prompt, negativePrompt: '', seed, scheduler: 'ddim', steps: count, guidanceScale: 5 }, trace: { branch: 'cond', steps },
        },
        sources: { model: 'models/scenes', saes: {} }, timesteps: steps.map((step) => 1000 - step * 33), latents: [4, 16, 16], previews: 'vae',
        timings: { unetMs: 700, sessionMs: 900, totalMs: 920 }, versions: { 'dmi-lens': '0' }, finishedAt: '2026-01-01T00:00:00Z', files: {},
      },
    })),
    sites: sites.map(([site, side]) => fakeSite(site, side, steps, seeds, labels)),
  };
  return { result, pictures: Array.from({ length: seeds }, (_, seed): RunPictures => ({ image: fakePicture(seed, 1, side), previews: steps.map((step) => fakePicture(seed, step / count, side)) })) };
}

function fakeSite(site: string, side: number, steps: readonly number[], seeds: number, labels: (label: string | undefined) => string | undefined): SiteResult {
  const traces = Array.from({ length: seeds }, (_, seed) => fakeTrace(site, side, steps, seed));
  const concepts = summariseConcepts(traces, world.map((_, id) => id)).map((summary) => ({
    ...summary, label: labels(world[summary.id].label), typical: 2, strength: Math.max(...summary.gamma) / 2, asked: false, contextFree: summary.id === 4,
  }));
  return { site, branch: 'cond', traces, active: world.length, concepts: concepts.sort((a, b) => b.strength - a.strength) };
}

function fakeTrace(site: string, side: number, steps: readonly number[], seed: number): SiteTrace {
  const n = world.length;
  const indices: number[] = [];
  const values: number[] = [];
  for (const step of steps) {
    for (let cell = 0; cell < side * side; cell++) {
      world.forEach(({ x, y, radius, from, peak }, id) => {
        const drift = Math.max(0, 0.3 - step * 0.04) * Math.sin(seed * 7 + id);
        const distance = Math.hypot((cell % side + 0.5) / side - x - drift, Math.floor(cell / side) / side + 0.5 / side - y);
        const strength = step < from ? 0 : Math.exp(-(((step - peak) / (6 + peak / 3)) ** 2)) * (1 + 0.2 * Math.sin(seed + id));
        indices.push(id);
        values.push(distance < radius ? 4 * strength * (1 - distance / radius / 2) : 0);
      });
    }
  }
  return { site, branch: 'cond', height: side, width: side, d: 8, n, k: n, steps, indices: Int32Array.from(indices), values: Float32Array.from(values) };
}

/** A scene that comes out of noise. @param share 0 is noise, 1 the picture. @param side in pixels */
function fakePicture(seed: number, share: number, side: number): Uint8Array {
  const data = new Uint8Array(side * side * 3);
  let state = seed + 1;
  for (let pixel = 0; pixel < side * side; pixel++) {
    const [x, y] = [(pixel % side) / side, Math.floor(pixel / side) / side];
    const scene = Math.hypot(x - 0.27, y - 0.55) < 0.2 ? [200, 40, 40] : Math.hypot(x - 0.75, y - 0.55) < 0.18 ? [40, 70, 200] : y > 0.6 ? [90, 170, 70] : [150, 200, 240];
    for (let colour = 0; colour < 3; colour++) {
      state = (state * 1103515245 + 12345) % 2147483648;
      const noise = 255 * (state / 2147483648);
      data[pixel * 3 + colour] = Math.sqrt(share) * scene[colour] + (1 - Math.sqrt(share)) * noise;
    }
  }
  return encode({ width: side, height: side, data, channels: 3, depth: 8 });
}
