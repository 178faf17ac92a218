import * as Type from 'typebox';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../../src/base/errors.ts';
import { checkShape } from '../../../../src/base/checkShape.ts';
import { readJsonFile } from '../../../../src/base/jsonFile.ts';
import { readSafetensors } from '../../../../src/base/safetensors.ts';
import { GenerationNoise } from '../../../../src/diffusion/noise.ts';
import { createScheduler } from '../../../../src/diffusion/schedulers/createScheduler.ts';
import type { Scheduler } from '../../../../src/diffusion/schedulers/scheduler.ts';
import { schedulerNames } from '../../../../src/spec/schedulerNames.ts';
import { relativeDifference } from '../../../support/schedulerGoldens.ts';
import { golden } from '../../../support/scenes.ts';

const shape = Type.Object({
  cases: Type.Array(Type.Object({
    name: Type.Enum([...schedulerNames]), config: Type.Record(Type.String(), Type.Unknown()), steps: Type.Integer(), fails: Type.Optional(Type.String()), calls: Type.Optional(Type.Integer()),
  })),
});
const { cases } = checkShape(shape, await readJsonFile(golden('schedulerFuzz.json'), { maxBytes: 2 ** 26 }), 'schedulerFuzz.json', 'Run python test/reference/schedulerFuzz.py again.');
const { tensors } = await readSafetensors(golden('schedulerFuzz.safetensors'));
const valuesOf = (name: string): Float32Array => tensors.get(name)?.data as Float32Array;
const [start, constant, timesteps, samples] = ['start', 'constant', 'timesteps', 'samples'].map(valuesOf);

/** What docs/schedulers.md says is refused although diffusers computes something: at these keys, or where there are more steps than timesteps. */
const refused = /^\/(?:solver_order|variance_type|use_\w+|timestep_type|invert_sigmas|shift_terminal|sigma_max|rescale_betas_zero_snr|num_train_timesteps)$/;

function scheduled({ name, config, steps }: typeof cases[number]): Scheduler | InputError {
  try {
    const scheduler = createScheduler(name, { path: 'scheduler_config.json', values: config });
    scheduler.setTimesteps(steps);
    return scheduler;
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
}

/** Whether rounding adds one to trailing timesteps, as docs/schedulers.md says. */
function addsTrailing({ timestep_spacing: spacing, num_train_timesteps: count }: Readonly<Record<string, unknown>>, steps: number): boolean {
  return spacing === 'trailing' && Math.ceil(Number(count) / (Number(count) / steps)) > steps;
}

/** One step of the stand-in for a U-Net, x/2 + c. @returns what it saw, and the sample after it */
function step(scheduler: Scheduler, index: number, sample: Float32Array, noise: GenerationNoise): { readonly scaled: Float32Array; readonly next: Float32Array } {
  const scaled = scheduler.scaleModelInput(sample, index);
  const answer = scaled.map((x, i) => Math.fround(0.5 * x) + constant[(i + index) % constant.length]);
  return { scaled, next: scheduler.step(answer, index, sample, () => noise.draw()).prevSample };
}

const begin = (scheduler: Scheduler): Float32Array => start.map((value) => value * Math.fround(scheduler.initNoiseSigma));

/** Of every call the scaled input and the sample after it, every 16th value. */
function trajectory(scheduler: Scheduler): Float32Array {
  const noise = new GenerationNoise(7, start.length);
  let sample = begin(scheduler);
  return Float32Array.from(Array.from(scheduler.timesteps, (_, index) => {
    const { scaled, next } = step(scheduler, index, sample, noise);
    sample = next;
    return [scaled, next].flatMap((values) => [...values.filter((__, i) => i % 16 === 0)]);
  }).flat());
}

describe('random configurations', () => {
  it.each(schedulerNames)('%s goes where diffusers goes, and refuses what it fails at', (asked) => {
    let at = 0;
    for (const each of cases) {
      const { name, config, steps, fails, calls = 0 } = each;
      const [visited, expected] = [timesteps.subarray(at, at + calls), samples.subarray(8 * at, 8 * (at + calls))];
      at += calls;
      if (name !== asked) continue;
      const what = `${JSON.stringify(config)}, ${steps} steps`;
      const made = scheduled(each);
      if (fails !== undefined) {
        const finiteHere = name === 'unipc' && config.solver_type === 'bh1' && fails === 'not finite';
        if (!finiteHere) expect(made, `${what}: ${fails}`).toBeInstanceOf(InputError);
      } else if (made instanceof InputError) {
        expect(made.place, what).toMatch(refused);
      } else if (!addsTrailing(config, steps)) {
        // A square root of ours may still differ in its last bit from that of a sum torch makes in another order: it moves what is cut off by one.
        const cutOff = /^(?:dpmpp|unipc)/.test(name) && (config.use_exponential_sigmas === true || config.use_beta_sigmas === true);
        expect(made.timesteps, what).toHaveLength(calls);
        expect(Math.max(...made.timesteps.map((timestep, index) => Math.abs(timestep - visited[index]) / (cutOff ? 1 : 1e-6 * made.trainTimesteps))), what).toBeLessThanOrEqual(1);
        expect(relativeDifference(trajectory(made), expected), what).toBeLessThan(1e-4);
      }
    }
    expect(at).toBe(timesteps.length);
  });

  it.each(schedulerNames)('%s goes on from its state before any step as if it had never stopped', (asked) => {
    const whole = cases.filter(({ name }) => name === asked).flatMap((each) => {
      const made = scheduled(each);
      return made instanceof InputError ? [] : [[each, made] as const];
    });
    expect(whole.length).toBeGreaterThan(3);
    for (const [each, scheduler] of whole) {
      const noise = new GenerationNoise(7, start.length);
      let sample = begin(scheduler);
      for (const index of scheduler.timesteps.keys()) {
        const other = createScheduler(each.name, { path: 'scheduler_config.json', values: each.config });
        other.restore(structuredClone(scheduler.snapshot()));
        const after = new GenerationNoise(7, start.length, noise.drawn);
        const [went, goesOn] = [step(scheduler, index, sample, noise), step(other, index, sample.slice(), after)];
        // Same state after every step: by induction the rest is the same, too.
        expect(goesOn, JSON.stringify(each)).toEqual(went);
        expect(other.snapshot()).toEqual(scheduler.snapshot());
        expect(after.drawn).toBe(noise.drawn);
        sample = went.next;
      }
    }
  });
});
