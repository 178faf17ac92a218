import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { Tensor } from '../base/tensor.ts';
import type { GenerationRequest } from '../diffusion/generation.ts';
import { loadPipeline } from '../diffusion/loadPipeline.ts';
import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import { sample } from '../diffusion/sample.ts';
import { timestepsOf } from '../diffusion/timestepsOf.ts';
import { openInstrumentedUnet } from '../instrument/instrumentUnet.ts';
import type { Activation } from '../instrument/siteEncoder.ts';
import { tapName } from '../instrument/siteFragment.ts';
import { readSites } from '../instrument/readSites.ts';
import type { MachineOptions } from '../onnx/session.ts';
import { FvuMeter } from './fvuMeter.ts';
import { drawWithoutRepeat, generatorOf } from './permutation.ts';
import { QualityMeter } from './qualityMeter.ts';
import type { SaeQuality } from './qualityMeter.ts';
import type { Checkpoint } from './sae.ts';
import { SaeCoder } from './saeCoder.ts';

/** Rows of a batch: the halves of guidance, or both of them together. */
export type ScoredBranch = 'cond' | 'uncond' | 'both';

/** How well an SAE rebuilds one activation. */
export interface ActivationScore {
  readonly site: string;
  readonly activation: Activation;
  /** Without guidance only cond. */
  readonly byBranch: Readonly<Partial<Record<ScoredBranch, SaeQuality>>>;
  /** Share of the latents' sum, cond rows, that lies beyond the k greatest of a cell: what a trace does not hold. */
  readonly cut: number;
  /** Of each step, in order: its diffusion time, 1 = noise, and the FVU of its cond rows alone. */
  readonly byTime: readonly { readonly t: number; readonly fvu: number }[];
}

/** A short trace over everything an SAE may have been trained on. */
export interface ScoreRequest extends MachineOptions {
  readonly model: PipelineFolder;
  /** A generation each. */
  readonly generations: readonly Pick<GenerationRequest, 'prompt' | 'seed'>[];
  readonly sampling: Omit<GenerationRequest, 'prompt' | 'seed'>;
  /** Only this site, or this activation; left out: all of the SAE's width. */
  readonly only?: { readonly site?: string | undefined; readonly activation?: Activation | undefined };
  readonly signal: AbortSignal;
  readonly onStep: (done: number, total: number) => void;
}

/** Cells looked at in every step, row and activation: enough for a few thousand in ten steps. */
const cellsPerStep = 128;

const activations: readonly Activation[] = ['update', 'output', 'input'];

/**
 * Rebuild every activation of an SAE's width with the SAE, over a few generations, and measure how much is lost. One trace serves all SAEs: of a large model it takes nearly all of the time.
 * @returns of each SAE, by ascending FVU of the cond rows. @throws InputError where the model has no site of a width, CancelledError
 */
export async function scoreActivations(checkpoints: readonly Checkpoint[], request: ScoreRequest): Promise<ActivationScore[][]> {
  const { model, generations, sampling, only = {}, signal, onStep } = request;
  const { threads, provider } = request;
  const options = { ...(threads !== undefined && { threads }), ...(provider !== undefined && { provider }) };
  const { path } = model.components.unet;
  const sites = await readSites(path);
  const asked = checkpoints.map((checkpoint) => candidateSites(checkpoint, sites, only.site, path).flatMap((site) =>
    activations.flatMap((activation) => ((only.activation ?? activation) === activation ? [new Candidate(site, activation, checkpoint)] : []))));
  const places = new Map(asked.flat().map(({ site, activation }) => [tapName(site, activation), { site, activation }]));
  const pipeline = await loadPipeline(model, options);
  const timesteps = timestepsOf(pipeline, sampling);
  const { trainTimesteps } = pipeline.createScheduler(sampling.scheduler);
  const { length: steps } = timesteps;
  const otherTaps = [...places.values()].flatMap(({ site, activation }) => (activation === 'update' ? [] : [{ site, activation }]));
  const taps = [...places.values()].flatMap(({ site, activation }) => (activation === 'update' ? [site] : []));
  const unet = await openInstrumentedUnet(path, { taps, otherTaps, encoders: [], branch: 'both' }, options);
  const coders: SaeCoder[] = [];
  try {
    for (const checkpoint of checkpoints) coders.push(await SaeCoder.open(await checkpoint.weights(), { ...checkpoint, ...(threads !== undefined && { threads }) }));
    for (const [index, generation] of generations.entries()) {
      for await (const { step, taps: told } of sample(pipeline, unet, { ...sampling, ...generation, signal })) {
        for (const [which, coder] of coders.entries()) {
          for (const [place, candidate] of asked[which].entries()) await candidate.look(coder, told[tapName(candidate.site, candidate.activation)], step, [index, step, place]);
        }
        onStep(index * steps + step + 1, generations.length * steps);
      }
    }
    const t = Array.from(timesteps, (timestep) => timestep / trainTimesteps);
    return asked.map((candidates) => candidates.map((candidate) => candidate.score(t)).sort((a, b) => fvuOf(a) - fvuOf(b)));
  } finally {
    await Promise.all([...coders.map((coder) => coder.close()), unet.close(), pipeline.close()]);
  }
}

/** Of the cond rows; infinite where they say nothing. */
export function fvuOf({ byBranch: { cond } }: ActivationScore): number {
  return cond !== undefined && Number.isFinite(cond.fvu) ? cond.fvu : Infinity;
}

function candidateSites({ d, file }: Checkpoint, sites: readonly { readonly name: string; readonly channels: number }[], only: string | undefined, unet: string): string[] {
  if (only !== undefined && !sites.some(({ name }) => name === only)) {
    throw new InputError(phrase`has no site ${only}`, { file: unet, place: only, remedy: phrase`Its sites are ${sites.map(({ name }) => name).join(', ')}.` });
  }
  const fitting = sites.filter(({ name, channels }) => channels === d && (only ?? name) === name).map(({ name }) => name);
  if (fitting.length === 0) {
    const widths = [...new Set(sites.map(({ channels }) => channels))].join(', ');
    throw new InputError(phrase`no site of the model is ${d} wide`, { file, remedy: phrase`Its sites are ${widths} wide: name the model that the SAE was trained on.` });
  }
  return fitting;
}

/** One activation of one site, and what has been seen of it. */
class Candidate {
  readonly site: string;
  readonly activation: Activation;
  readonly #checkpoint: Checkpoint;
  readonly #meters = new Map<ScoredBranch, QualityMeter>();
  readonly #sums = { kept: 0, all: 0 };
  /** By step. */
  readonly #times: FvuMeter[] = [];

  constructor(site: string, activation: Activation, checkpoint: Checkpoint) {
    this.site = site;
    this.activation = activation;
    this.#checkpoint = checkpoint;
  }

  /** @param tap [rows, d, height, width], rows uncond and cond, or cond alone */
  async look(coder: SaeCoder, { data, shape: [rows, d, height, width] }: Tensor, step: number, key: readonly number[]): Promise<void> {
    const cells = height * width;
    const { n, k } = this.#checkpoint;
    const told = coder.topk ? k : n;
    const drawn = drawWithoutRepeat(cells, Math.min(cells, cellsPerStep), generatorOf(...key));
    for (let row = 0; row < rows; row++) {
      const branch = row === rows - 1 ? 'cond' : 'uncond';
      const x = new Float32Array(drawn.length * d);
      for (const [at, cell] of drawn.entries()) {
        for (let j = 0; j < d; j++) x[at * d + j] = Number(data[(row * d + j) * cells + cell]);
      }
      const codes = await coder.encode(x, told);
      for (const name of rows === 1 ? [branch] as const : [branch, 'both'] as const) {
        const meter = this.#meters.get(name) ?? new QualityMeter(d, n);
        this.#meters.set(name, meter);
        meter.add(x, codes);
      }
      if (branch === 'cond') {
        (this.#times[step] ??= new FvuMeter(d)).add(x, codes.reconstruction);
        codes.values.forEach((value, at) => {
          this.#sums.all += value;
          if (at % told < k) this.#sums.kept += value;
        });
      }
    }
  }

  /** @param t [steps]: diffusion time of each */
  score(t: readonly number[]): ActivationScore {
    const { kept, all } = this.#sums;
    return {
      site: this.site, activation: this.activation, cut: all === 0 ? 0 : 1 - kept / all,
      byTime: this.#times.map(({ fvu }, step) => ({ t: t[step], fvu })),
      byBranch: Object.fromEntries([...this.#meters].map(([branch, meter]) => [branch, meter.result()])),
    };
  }
}
