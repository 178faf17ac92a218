import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { hasShape } from '../base/checkShape.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import { bytesOf } from '../base/tensor.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Prediction } from '../diffusion/denoiser.ts';
import { Generation } from '../diffusion/generation.ts';
import { stackConditionings, stackVariants, variantOf } from './advanceRuns.ts';
import type { EditDefinition } from './editDefinition.ts';
import type { EditInputs } from './editInputs.ts';
import type { RunDefinition } from './plan.ts';
import { ownIdentity } from '../base/processIdentity.ts';
import type { TracingModel } from './tracingModel.ts';

/** Variants of one step that are tried as one batch. */
const sizes = [1, 2, 4];
export const mostVariants = 4;
const timedRounds = 2;
/** A batch must be this much faster: less is within what one measurement tells. */
const gain = 0.95;

const MeasuredFile = Type.Object({
  format: Type.Literal(1),
  /** What was measured: model, machine, provider, cores. */
  of: Type.String(),
  /** How many variants go through the U-Net at once. */
  variants: Type.Integer({ minimum: 1 }),
  sizes: Type.Array(Type.Object({
    variants: Type.Integer(),
    /** Milliseconds for one step of one variant, the least of a few. */
    ms: Type.Number(),
    /** Whether each variant's answer was that which it gets alone, bit for bit. */
    identical: Type.Boolean(),
  })),
});

/** What to try. */
interface Trial {
  readonly sample: RunDefinition['sample'];
  /** Edits of runs that stand at the same step; at least two. */
  readonly variants: readonly (readonly EditDefinition[])[];
  readonly step: number;
  readonly inputs: EditInputs;
  /** Where the answer is kept. */
  readonly cacheFolder: string;
}

/**
 * How many variants of one step go through the U-Net at once: as many as are fastest on this machine and provider, as long as each gets the answer that it gets alone, bit
 * for bit; else one. Measured with the first variants there are, and kept.
 */
export async function variantsAtOnce(model: TracingModel, trial: Trial): Promise<number> {
  const modelHash = await model.pipeline.folder.hash();
  const of = [modelHash, (await ownIdentity()).host, model.provider, availableParallelism()].join(' ');
  const path = join(trial.cacheFolder, `variants-${modelHash.slice(0, 16)}-${model.provider}.json`);
  const kept = await readKept(path);
  if (kept?.of === of) return kept.variants;
  const measured = await measure(model, trial);
  const [{ ms: alone }] = measured;
  const faster = measured.filter(({ identical, ms }) => identical && ms < gain * alone).sort((a, b) => a.ms - b.ms);
  const variants = faster.at(0)?.variants ?? 1;
  await mkdir(trial.cacheFolder, { recursive: true });
  await writeFileAtomic(path, `${JSON.stringify({ format: 1, of, variants, sizes: measured }, undefined, 2)}\n`);
  return variants;
}

async function readKept(path: string): Promise<Static<typeof MeasuredFile> | undefined> {
  const value = await readJsonFile(path).catch(() => undefined); // missing or damaged: it can be measured again
  return hasShape(MeasuredFile, value) ? value : undefined;
}

async function measure(model: TracingModel, { sample, variants, step, inputs }: Trial): Promise<Static<typeof MeasuredFile>['sizes']> {
  const generation = await Generation.begin(model.pipeline, sample);
  const { conditioning } = generation;
  const timestep = generation.timesteps[step];
  const ask = (edits: readonly (readonly EditDefinition[])[]): Promise<Prediction> => {
    const input = generation.input();
    return model.predict(stackVariants(edits.map(() => input)), timestep, stackConditionings(edits.map(() => conditioning)), inputs.at(edits, step));
  };
  const batches = sizes.map((size) => Array.from({ length: size }, (_, variant) => variants[variant % variants.length]));
  const alone: Prediction[] = [];
  for (const edits of batches[batches.length - 1]) alone.push(await ask([edits]));
  // The first round warms up; in turns, so that what else the machine does meets all sizes, and the least time is that with least of it.
  const measured = batches.map((batch) => ({ variants: batch.length, ms: Infinity, identical: true }));
  for (let round = 0; round <= timedRounds; round++) {
    for (const [index, batch] of batches.entries()) {
      const started = performance.now();
      const answer = await ask(batch);
      const ms = (performance.now() - started) / batch.length;
      const of = measured[index];
      if (round > 0) of.ms = Math.min(of.ms, ms);
      of.identical &&= batch.every((_, variant) => equal(batch.length === 1 ? answer : variantOf(answer, variant, batch.length), alone[variant]));
    }
  }
  return measured;
}

function equal(a: Prediction, b: Prediction): boolean {
  return same(a.noise, b.noise) && Object.keys(b.taps).every((name) => same(a.taps[name], b.taps[name]));
}

function same(a: Tensor, b: Tensor): boolean {
  return Buffer.compare(bytesOf(a.data), bytesOf(b.data)) === 0;
}
