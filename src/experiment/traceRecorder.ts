import { phrase } from '../base/phrase.ts';
import { allFinite } from '../base/tensor.ts';
import type { Tensor } from '../base/tensor.ts';
import { siteGrid } from '../concepts/siteGrid.ts';
import type { Branch, SiteTrace } from '../concepts/siteTrace.ts';
import { NonFiniteError } from '../diffusion/generation.ts';
import type { RunTrace } from './traceFile.ts';

/** What the recorder must know of an SAE. */
interface Coder {
  /** Its weights, as errors name them. */
  readonly file: string;
  readonly site: string;
  readonly d: number;
  readonly n: number;
  readonly k: number;
}

/** Collects the codes of a run, step by step, into arrays allocated once. */
export class TraceRecorder {
  readonly #coders: readonly Coder[];
  readonly #branches: readonly Branch[];
  readonly #steps: readonly number[];
  readonly #latent: readonly [height: number, width: number];
  readonly #timesteps: Float32Array;
  readonly #sites = new Map<string, SiteTrace>();

  /**
   * @param branches in the order of the rows that the instrumented U-Net gives
   * @param steps recorded steps, ascending. @param latent [height, width] of the latents
   */
  constructor(coders: readonly Coder[], branches: readonly Branch[], steps: readonly number[], latent: readonly [height: number, width: number]) {
    this.#coders = coders;
    this.#branches = branches;
    this.#steps = steps;
    this.#latent = latent;
    this.#timesteps = new Float32Array(steps.length);
  }

  /** Take over what another run of the same sample recorded before a step. @param trace over the same recorded steps, sites and branches */
  resume({ timesteps, sites }: RunTrace, before: number): void {
    const rows = this.#steps.filter((step) => step < before).length;
    this.#timesteps.set(timesteps.subarray(0, rows));
    for (const earlier of sites) {
      const coder = this.#coders.find(({ site }) => site === earlier.site);
      if (rows === 0 || coder === undefined) continue;
      const cells = earlier.height * earlier.width;
      const { indices, values } = this.#traceOf(coder, earlier.branch, cells);
      indices.set(earlier.indices.subarray(0, rows * cells * coder.k));
      values.set(earlier.values.subarray(0, rows * cells * coder.k));
    }
  }

  /**
   * Copy a step's codes; steps that are not recorded are passed over.
   * @param taps `sae/<site>/indices` int64 and `sae/<site>/values` float32, each [rows, cells, k]
   * @throws NonFiniteError when a code is NaN or infinite
   */
  record(step: number, timestep: number, taps: Readonly<Record<string, Tensor>>): void {
    const row = this.#steps.indexOf(step);
    if (row < 0) return;
    this.#timesteps[row] = timestep;
    for (const coder of this.#coders) {
      const values = taps[`sae/${coder.site}/values`] as Tensor<Float32Array>;
      const ids = taps[`sae/${coder.site}/indices`] as Tensor<BigInt64Array>;
      const length = values.shape[1] * coder.k;
      for (const [branchRow, branch] of this.#branches.entries()) {
        const trace = this.#traceOf(coder, branch, values.shape[1]);
        const read = values.data.subarray(branchRow * length, (branchRow + 1) * length);
        if (!allFinite(read)) {
          throw new NonFiniteError(step, phrase`NaN or infinity in the activations`, {
            file: coder.file, place: `${coder.site}, step ${step}`, remedy: phrase`Check the weights of this SAE.`,
          });
        }
        trace.values.set(read, row * length);
        copyLowWords(ids, branchRow * length, trace.indices.subarray(row * length, (row + 1) * length));
      }
    }
  }

  /** The codes of one recorded step, views of what is kept; none where the step was not recorded. */
  codesOf(step: number): SiteTrace[] {
    const row = this.#steps.indexOf(step);
    if (row < 0) return [];
    return [...this.#sites.values()].map((trace) => {
      const length = trace.height * trace.width * trace.k;
      const [from, to] = [row * length, (row + 1) * length];
      return { ...trace, steps: [step], indices: trace.indices.subarray(from, to), values: trace.values.subarray(from, to) };
    });
  }

  /** The trace; rows of steps that have not been recorded yet hold zeros. */
  finish(): RunTrace {
    return { steps: this.#steps, timesteps: this.#timesteps, sites: [...this.#sites.values()] };
  }

  #traceOf(coder: Coder, branch: Branch, cells: number): SiteTrace {
    const name = `${coder.site}/${branch}`;
    let trace = this.#sites.get(name);
    if (trace === undefined) {
      const [height, width] = siteGrid(cells, this.#latent);
      const { site, d, n, k } = coder;
      const length = this.#steps.length * cells * k;
      trace = {
        site, branch, height, width, d, n, k, steps: this.#steps,
        indices: new Int32Array(length), values: new Float32Array(length),
      };
      this.#sites.set(name, trace);
    }
    return trace;
  }
}

/** Copy the lower halves of 64-bit numbers, from one of them on: concept ids fit, and BigInts are slow. */
function copyLowWords({ data }: Tensor<BigInt64Array>, from: number, into: Int32Array): void {
  const words = new Int32Array(data.buffer, data.byteOffset + from * BigInt64Array.BYTES_PER_ELEMENT, 2 * into.length);
  for (let at = 0; at < into.length; at++) into[at] = words[2 * at];
}
