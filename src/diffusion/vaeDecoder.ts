import { asFloat32, floatAs, floatTypes } from '../base/floatTensor.ts';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { Tensor } from '../base/tensor.ts';
import { allFinite, float32, sizeOf } from '../base/tensor.ts';
import { batchCalls, fixedRows, joinRows, pickRows } from '../onnx/fixedBatch.ts';
import type { Session } from '../onnx/session.ts';
import type { RgbImage } from './png.ts';

/** How latents of the U-Net become those that a VAE decodes: keys of its configuration. `shift_factor` is for pipelines with transformers; those with U-Nets do not read it in diffusers. */
export interface LatentScale {
  /** They are divided by it; diffusers' default, Stable Diffusion 1's, where left out. */
  readonly scaling_factor?: number | undefined;
  /** Per channel, where both are told: multiplied by `std` before the division, `mean` added after it. */
  readonly latents_mean?: readonly number[] | null;
  readonly latents_std?: readonly number[] | null;
}

/** Turns latents into pictures. */
export class VaeDecoder {
  readonly #session: Session;
  readonly #scale: LatentScale;
  readonly #file: string;

  /** @param file names the model in errors. @throws InputError unless it maps one image-like tensor to another */
  constructor(session: Session, scale: LatentScale, file: string) {
    const wrong = [...session.inputs, ...session.outputs].find(({ dims, dtype }) => dims.length !== 4 || !floatTypes.includes(dtype));
    if (session.inputs.length !== 1 || wrong !== undefined) {
      throw new InputError(phrase`does not map float32 latents [n, channels, height, width] to pictures`, {
        file, place: (wrong ?? session.inputs[0]).name, remedy: phrase`Name a VAE decoder, exported in float32 as optimum does.`,
      });
    }
    const [{ name, dims: [, channels] }] = session.outputs;
    if (typeof channels === 'number' && channels > 0) checkColours(channels, file, name);
    this.#session = session;
    this.#scale = scale;
    this.#file = file;
  }

  /** @param latents float32 [n, channels, height, width], as the scheduler gives them. @returns n pictures @throws InputError where a float16 decoder overflows */
  async decode(latents: Tensor<Float32Array>): Promise<RgbImage[]> {
    const { inputs: [input] } = this.#session;
    const scaled = float32(this.#rescaled(latents), latents.shape);
    const calls = batchCalls(latents.shape[0], fixedRows(input), this.#file);
    if (calls === undefined) return toImages(await this.#ask(scaled));
    const answers: Tensor[] = [];
    for (const call of calls) answers.push(await this.#ask(pickRows(scaled, call)));
    return toImages(asFloat32(joinRows(answers, calls)));
  }

  async #ask(latents: Tensor<Float32Array>): Promise<Tensor<Float32Array>> {
    const { inputs: [input], outputs: [output] } = this.#session;
    const { [output.name]: answer } = await this.#session.run({ [input.name]: floatAs(latents, input.dtype as 'float32') });
    const pixels = asFloat32(answer);
    checkColours(pixels.shape[1], this.#file, output.name);
    if (!allFinite(pixels.data)) {
      throw new InputError(phrase`the VAE decoder answered with NaN or infinity`, {
        file: this.#file, place: output.name, remedy: phrase`The VAE of SDXL overflows in float16: export its decoder in float32 (the U-Net may stay float16).`,
      });
    }
    return pixels;
  }

  /** `StableDiffusionXLPipeline.__call__` before `vae.decode` (without mean and deviation `StableDiffusionPipeline`'s), each operation rounded to float32. */
  #rescaled({ data, shape }: Tensor<Float32Array>): Float32Array {
    const { scaling_factor: factor = 0.18215, latents_mean: means, latents_std: deviations } = this.#scale;
    const divisor = Math.fround(factor);
    const [, channels, ...grid] = shape;
    if (!means || !deviations) return data.map((value) => value / divisor);
    const told = [means, deviations].find(({ length }) => length !== channels);
    if (told !== undefined) {
      throw new InputError(phrase`latents have ${channels} channels, its configuration tells ${told === means ? 'latents_mean' : 'latents_std'} of ${told.length}`, {
        file: this.#file, remedy: phrase`Restore the configuration of the VAE from the pipeline it came with.`,
      });
    }
    const area = sizeOf(grid);
    return data.map((value, at) => {
      const channel = Math.floor(at / area) % channels;
      return Math.fround(Math.fround(value * Math.fround(deviations[channel])) / divisor) + Math.fround(means[channel]);
    });
  }
}

/** @throws InputError unless pictures are red, green and blue: some decoders also give depth */
function checkColours(channels: number, file: string, place: string): void {
  if (channels === 3) return;
  throw new InputError(phrase`makes pictures of ${channels} channels, not of red, green and blue`, { file, place, remedy: phrase`Use a text-to-image pipeline; one that makes depth as well is not supported.` });
}

/** [n, 3, height, width] in [-1, 1], planar, to bytes, interleaved: diffusers' `VaeImageProcessor.postprocess`. */
function toImages({ data: pixels, shape: [count, , height, width] }: Tensor<Float32Array>): RgbImage[] {
  const area = height * width;
  return Array.from({ length: count }, (_, image) => {
    const bytes = new Uint8ClampedArray(area * 3); // rounds halves to even, as NumPy does
    const [red, green, blue] = [0, 1, 2].map((channel) => pixels.subarray((image * 3 + channel) * area, (image * 3 + channel + 1) * area));
    for (let pixel = 0; pixel < area; pixel++) {
      bytes[pixel * 3] = (red[pixel] / 2 + 0.5) * 255;
      bytes[pixel * 3 + 1] = (green[pixel] / 2 + 0.5) * 255;
      bytes[pixel * 3 + 2] = (blue[pixel] / 2 + 0.5) * 255;
    }
    return { width, height, data: new Uint8Array(bytes.buffer) };
  });
}
