import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openPipelineFolder } from '../../../src/diffusion/pipelineFolder.ts';
import { loadSaeFolder } from '../../../src/sae/loadSaes.ts';
import { traced, untraced } from './ours.ts';
import type { Ours } from './ours.ts';
import { Peer } from './peer.ts';

/**
 * `npm run bench:peers [-- large]`: the same generations here and by others, in turns, on as many threads; ratios of one run. Each peer is optional: DMI_PYTHON (else python3) may have
 * PyTorch and diffusers, DMI_OPTIMUM is a Python with optimum-onnx, DMI_DIFFUSERS_JS a folder with node_modules/@aislamov/diffusers.js. Progress and verdicts on stderr; on stdout one JSON object.
 */

interface Subject {
  readonly model: string;
  readonly saes: string;
  /** For PyTorch: a pipeline folder, or a recipe that makes its U-Net. */
  readonly weights: string;
  readonly steps: number;
  readonly rounds: number;
  /** Of the picture, in pixels. */
  readonly side: number;
  /** Whether PyTorch computes the very same. */
  readonly same: boolean;
}

const subjects: Readonly<Record<'scenes' | 'large', Subject>> = {
  scenes: { model: 'models/scenes', saes: 'models/scenes/saes', weights: 'recipes/scenes/weights', steps: 30, rounds: 5, side: 128, same: true },
  large: { model: 'recipes/large/.cache/sd14', saes: 'recipes/large/.cache/sd14-saes', weights: 'recipes/large/make.py', steps: 3, rounds: 2, side: 512, same: false },
};

const bounds: Readonly<Record<string, { readonly min?: number; readonly max?: number; readonly meaning: string }>> = {
  torch_over_traced_step: { min: 1.3, meaning: 'a step of diffusers eager with hooks and SAEs / a traced step here' },
  torch_over_traced_process: { min: 1.3, meaning: 'the same of whole programs, from nothing to the picture; ours is dmi run with previews and report' },
  untraced_over_optimum_step: { max: 1.03, meaning: "an untraced step here / one of optimum's pipeline" },
  untraced_over_optimum_process: { max: 1.03, meaning: 'the same of whole programs; ours is dmi run with one step of one site, the least that it records' },
  untraced_over_diffusersjs_step: { meaning: 'an untraced step here / one of diffusers.js' },
};

const prompt = 'a red house left and a blue tree right, meadow';
const threads = availableParallelism();
const name = process.argv.includes('large') ? 'large' : 'scenes';
const { model, saes, weights, steps, rounds, side, same } = subjects[name];
const script = (file: string): string => resolve('test/bench/peers', file);
const scratch = await mkdtemp(join(tmpdir(), 'dmi-peers-'));
const measured: Record<string, number | null> = {};
try {
  const folder = await openPipelineFolder(resolve(model));
  const request = { prompt, negativePrompt: '', steps, guidanceScale: 5, scheduler: 'ddim' as const };
  const arguments_ = [steps, threads, prompt].map(String);
  const python = process.env.DMI_PYTHON ?? 'python3';
  // One after the other: two large models do not fit into memory.
  const torch = await Peer.open('diffusers', [python, script('torchPeer.py'), resolve(weights), resolve(saes), ...arguments_]);
  if (torch !== undefined) {
    const ours = await traced(folder, await loadSaeFolder(resolve(saes)), request, threads, scratch);
    const step = await compare(ours, torch, same);
    measured.torch_over_traced_step = step && 1 / step;
    const whole = name === 'scenes' ? await compareWhole(torch, 'traced', {}) : null;
    measured.torch_over_traced_process = whole && 1 / whole;
  }
  const optimum = await Peer.open('optimum', process.env.DMI_OPTIMUM === undefined ? undefined : [process.env.DMI_OPTIMUM, script('optimumPeer.py'), resolve(model), ...arguments_]);
  if (optimum !== undefined) {
    measured.untraced_over_optimum_step = await compare(await untraced(folder, request, threads), optimum, true);
    measured.untraced_over_optimum_process = name === 'scenes' ? await compareWhole(optimum, 'untraced', { trace: { sites: ['mid_block.attentions.0'], steps: [0] } }) : null;
  }
  const js = process.env.DMI_DIFFUSERS_JS;
  const diffusersJs = await Peer.open('diffusers.js', js === undefined ? undefined : [process.execPath, script('diffusersJsPeer.mjs'), resolve(js), resolve(model), String(steps), String(side), prompt]);
  if (diffusersJs !== undefined) measured.untraced_over_diffusersjs_step = await compare(await untraced(folder, request, threads), diffusersJs, false);
} finally {
  await rm(scratch, { recursive: true });
}

for (const [key, { min, max, meaning }] of Object.entries(bounds)) {
  const value = measured[key] ??= null;
  const bound = min !== undefined ? `>= ${min}` : max !== undefined ? `<= ${max}` : '';
  const holds = value === null || ((min ?? -Infinity) <= value && value <= (max ?? Infinity));
  process.stderr.write(`${key.padEnd(30)} ${(value?.toPrecision(4) ?? 'null').padStart(8)}  ${bound.padEnd(8)} ${value === null ? '-' : holds ? 'holds' : 'FAILS'}  ${meaning}\n`);
}
process.stdout.write(`${JSON.stringify(measured)}\n`);

/** Median of our step over theirs, round by round. Both are closed. @param equal whether the latents have to agree */
async function compare(ours: Ours, peer: Peer, equal: boolean): Promise<number | null> {
  try {
    await ours.generate(0);
    const ratios: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      // Neither always follows the other.
      const [first, second] = round % 2 === 0 ? [ours, peer] : [peer, ours];
      const one = await first.generate(round);
      const other = await second.generate(round);
      if (one === undefined || other === undefined) return null;
      const [mine, theirs] = round % 2 === 0 ? [one, other] : [other, one];
      const apart = mine.latents.reduce((most, value, at) => Math.max(most, Math.abs(value - (theirs.latents.at(at) ?? value))), 0);
      process.stderr.write(`  step: here ${median(mine.stepMs).toFixed(1)} ms, there ${median(theirs.stepMs).toFixed(1)} ms${equal ? `; latents differ by ${apart.toExponential(1)}` : ''}\n`);
      if (equal && apart > 0.01) throw new Error('the latents differ: they do not compute the same');
      ratios.push(median(mine.stepMs) / median(theirs.stepMs));
    }
    return median(ratios);
  } finally {
    await ours.close();
    peer.close();
  }
}

/** Whole programs: `dmi run` of a spec of Scenes over the peer. @param more of the spec */
async function compareWhole(peer: Peer, label: string, more: object): Promise<number> {
  const ratios: number[] = [];
  for (let round = 1; round <= 3; round++) {
    const work = join(scratch, `${label}-${round}`);
    await mkdir(work);
    const spec = join(work, 'peers.dmi.json');
    await writeFile(spec, JSON.stringify({ dmi: 1, model: 'builtin:scenes', sample: { prompt, seeds: [round], steps, guidanceScale: 5, scheduler: 'ddim' }, ...more }));
    const theirs = await peer.wholeMs(round);
    const started = performance.now();
    const code = await new Promise<number | null>((done) => { spawn(process.execPath, ['dist/cli.mjs', 'run', spec, '--json'], { stdio: ['ignore', 'ignore', 'inherit'] }).once('close', done); });
    const ours = performance.now() - started;
    if (code !== 0 || !existsSync(join(work, '.dmi'))) throw new Error(`dmi run ended with ${code}`);
    process.stderr.write(`  whole program, ${label}: here ${(ours / 1000).toFixed(2)} s, there ${(theirs / 1000).toFixed(2)} s\n`);
    ratios.push(ours / theirs);
  }
  return median(ratios);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
