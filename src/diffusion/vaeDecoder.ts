import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { Tensor } from '../base/tensor.ts';
import { float32 } from '../base/tensor.ts';
import type { Session } from '../onnx/session.ts';
import type { RgbImage } from './png.ts';

/** Turns latents into pictures. */
export class VaeDecoder {
  readonly #session: Session;
  readonly #scalingFactor: number;

  /** @param scalingFactor of the VAE's configuration. @param file names the model in errors. @throws InputError unless it maps one image-like tensor to another */
  constructor(session: Session, scalingFactor: number, file: string) {
    const wrong = [...session.inputs, ...session.outputs].find(({ dims, dtype }) => dims.length !== 4 || dtype !== 'float32');
    if (session.inputs.length !== 1 || wrong !== undefined) {
      throw new InputError(phrase`does not map float32 latents [n, channels, height, width] to pictures`, {
        file, place: (wrong ?? session.inputs[0]).name, remedy: phrase`Name a VAE decoder, exported in float32 as optimum does.`,
      });
    }
    this.#session = session;
    this.#scalingFactor = Math.fround(scalingFactor);
  }

  /** @param latents float32 [n, channels, height, width], as the scheduler gives them. @returns n pictures */
  async decode(latents: Tensor<Float32Array>): Promise<RgbImage[]> {
    const { inputs: [input], outputs: [output] } = this.#session;
    const scaled = float32(latents.data.map((value) => value / this.#scalingFactor), latents.shape);
    const { [output.name]: pixels } = await this.#session.run({ [input.name]: scaled });
    return toImages(pixels);
  }
}

/** [n, 3, height, width] in [-1, 1], planar, to bytes, interleaved: diffusers' `VaeImageProcessor.postprocess`. */
function toImages({ data, shape: [count, , height, width] }: Tensor): RgbImage[] {
  const pixels = data as Float32Array;
  const area = height * width;
  return Array.from({ length: count }, (_, image) => {
    const bytes = new Uint8ClampedArray(area * 3); // rounds halves to even, as NumPy does
    for (let channel = 0; channel < 3; channel++) {
      const plane = (image * 3 + channel) * area;
      for (let pixel = 0; pixel < area; pixel++) bytes[pixel * 3 + channel] = (pixels[plane + pixel] / 2 + 0.5) * 255;
    }
    return { width, height, data: new Uint8Array(bytes.buffer) };
  });
}
