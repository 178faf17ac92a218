import * as Type from 'typebox';
import { checkShape } from '../../src/base/checkShape.ts';
import { readJsonFile } from '../../src/base/jsonFile.ts';
import { readSafetensors } from '../../src/base/safetensors.ts';
import { GenerationNoise } from '../../src/diffusion/noise.ts';
import type { Scheduler } from '../../src/diffusion/schedulers/scheduler.ts';
import { golden } from './scenes.ts';

const shape = Type.Object({
  cases: Type.Array(Type.Object({ class: Type.String(), config: Type.Object({}), calls: Type.Record(Type.String(), Type.Integer()) })),
});

/** Values of a sample that are written down. */
const kept = 16;

/** One run of one of diffusers' schedulers. */
export interface SchedulerGolden {
  readonly class: string;
  readonly config: object;
  readonly steps: number;
  readonly timesteps: Float64Array;
  /** Standard deviation of what it starts from. */
  readonly sigma: number;
  /** The sample half-way, at the end, and x0 as predicted half-way, every fourth value; x0 is 0 where the class does not tell it. */
  readonly middle: Float32Array;
  readonly final: Float32Array;
  readonly original: Float32Array;
}

/** What `test/reference/schedulers.py` wrote down. */
export async function schedulerGoldens(): Promise<SchedulerGolden[]> {
  const file = golden('schedulers.json');
  const { cases } = checkShape(shape, await readJsonFile(file), file, 'Run python test/reference/schedulers.py again.');
  const { tensors } = await readSafetensors(golden('schedulers.safetensors'));
  const [timesteps, sigmas] = ['timesteps', 'sigmas'].map((name) => tensors.get(name)?.data as Float64Array);
  const samples = tensors.get('samples')?.data as Float32Array;
  let [run, visited] = [0, 0];
  return cases.flatMap((each) => Object.entries(each.calls).map(([steps, calls]) => {
    const part = (index: number): Float32Array => samples.subarray((3 * run + index) * kept, (3 * run + index + 1) * kept);
    const golden = {
      class: each.class, config: each.config, steps: Number(steps), sigma: sigmas[run], timesteps: timesteps.subarray(visited, visited + calls),
      middle: part(0), final: part(1), original: part(2),
    };
    run += 1;
    visited += calls;
    return golden;
  }));
}

/** Start and constant of the goldens' stand-in for a U-Net, x/2 + c. */
export async function standIn(): Promise<{ start: Float32Array; answer: (sample: Float32Array) => Float32Array }> {
  const { tensors } = await readSafetensors(golden('schedulers.safetensors'));
  const [start, constant] = ['start', 'constant'].map((name) => tensors.get(name)?.data as Float32Array);
  return { start, answer: (sample) => sample.map((x, i) => Math.fround(0.5 * x) + constant[i]) };
}

/** A whole run of the stand-in, and what each step gave. */
export function trajectory(scheduler: Scheduler, steps: number, { start, answer }: Awaited<ReturnType<typeof standIn>>, seed = 7): { prevSample: Float32Array; predOriginalSample: Float32Array }[] {
  scheduler.setTimesteps(steps);
  const noise = new GenerationNoise(seed, start.length);
  let sample: Float32Array = start.map((value) => value * Math.fround(scheduler.initNoiseSigma));
  return Array.from(scheduler.timesteps, (_, index) => {
    const step = scheduler.step(answer(scheduler.scaleModelInput(sample, index)), index, sample, () => noise.draw());
    sample = step.prevSample;
    return step;
  });
}

/** Largest difference in proportion to the largest expected value. */
export function relativeDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [largest, scale] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Number.isFinite(found[i]) ? Math.abs(found[i] - expected[i]) : Infinity);
    scale = Math.max(scale, Math.abs(expected[i]));
  }
  return largest === 0 ? 0 : largest / scale;
}

/** Every fourth value: those that are written down. */
export function everyFourth(sample: Float32Array): Float32Array {
  return sample.filter((_, index) => index % 4 === 0);
}
