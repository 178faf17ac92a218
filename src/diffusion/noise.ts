import { TorchGenerator } from '../base/torchRandom.ts';

/**
 * All the noise of a generation, as diffusers draws it from one `torch.Generator("cpu").manual_seed(seed)`: that which it starts from, then what its scheduler adds at
 * its steps.
 */
export class GenerationNoise {
  readonly #seed: number;
  readonly #size: number;
  #generator: TorchGenerator | undefined;
  #drawn: number;

  /** @param size values of one draw. @param drawn how often noise was drawn before, the first not counted; that is passed over */
  constructor(seed: number, size: number, drawn = 0) {
    this.#seed = seed;
    this.#size = size;
    this.#drawn = drawn;
  }

  /** How often `draw` was called, here and before. */
  get drawn(): number {
    return this.#drawn;
  }

  /** What the generation starts from. @param sigma the scheduler's `initNoiseSigma` */
  initial(sigma: number): Float32Array {
    const latents = new TorchGenerator(this.#seed).randn(this.#size);
    return sigma === 1 ? latents : latents.map((value) => value * Math.fround(sigma));
  }

  /** Standard normal noise for the scheduler's next step. */
  draw(): Float32Array {
    if (this.#generator === undefined) {
      this.#generator = new TorchGenerator(this.#seed);
      for (let passed = 0; passed <= this.#drawn; passed++) this.#generator.randn(this.#size);
    }
    this.#drawn += 1;
    return this.#generator.randn(this.#size);
  }
}
