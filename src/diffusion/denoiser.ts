import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Session, ValueInfo } from '../onnx/session.ts';
import type { Conditioning } from './conditioning.ts';

/** What a denoising network answers. */
export interface Prediction {
  /** As the sample: [rows, channels, height, width]; what it predicts (noise, v, image) is the scheduler's business. */
  readonly noise: Tensor;
  /** Every further output of the network, by name. */
  readonly taps: Readonly<Record<string, Tensor>>;
}

/** A U-Net, plain or instrumented. */
export interface Denoiser {
  /** @param sample float32 [rows, channels, height, width]. @param timestep as the scheduler counts. @param conditioning of the same rows */
  predict(sample: Tensor, timestep: number, conditioning: Conditioning): Promise<Prediction>;
}

/** A U-Net in a session. Its inputs are told apart by rank, so their names and the type of the timestep are the exporter's choice. */
export class SessionDenoiser implements Denoiser {
  readonly #session: Session;
  readonly #sample: ValueInfo;
  readonly #promptEmbeds: ValueInfo;
  readonly #timestep: ValueInfo;
  readonly #noise: string;

  /**
   * @param session its first output is the prediction. @param file names the model in errors
   * @param isOurs tells inputs that are not the network's own, to be given at every prediction
   * @throws InputError unless it takes a sample, a timestep and a text
   */
  constructor(session: Session, file: string, isOurs: (input: string) => boolean = () => false) {
    const inputs = session.inputs.filter(({ name }) => !isOurs(name));
    this.#session = session;
    this.#sample = inputOfRank(inputs, [4], 'a noisy sample [rows, channels, height, width]', file);
    this.#promptEmbeds = inputOfRank(inputs, [3], 'an encoded text [rows, tokens, width]', file);
    this.#timestep = inputOfRank(inputs, [0, 1], 'a timestep', file);
    this.#noise = session.outputs[0].name;
    const known = [this.#sample, this.#promptEmbeds, this.#timestep];
    const unknown = inputs.find((input) => !known.includes(input));
    if (unknown !== undefined) {
      throw new InputError(phrase`this input of the U-Net is not known`, { file, place: unknown.name, remedy: phrase`Use a pipeline of the type of Stable Diffusion 1 or 2.` });
    }
    for (const { name, dtype } of [this.#sample, this.#promptEmbeds]) {
      if (dtype !== 'float32') {
        throw new InputError(phrase`takes ${dtype}, not float32`, { file, place: name, remedy: phrase`Export the pipeline in float32; float16 is no faster on a CPU.` });
      }
    }
  }

  /** @param ours further inputs. @param taps names of the further outputs to compute; left out: all */
  async predict(sample: Tensor, timestep: number, { promptEmbeds }: Conditioning, ours: Readonly<Record<string, Tensor>> = {}, taps?: readonly string[]): Promise<Prediction> {
    const { [this.#noise]: noise, ...rest } = await this.#session.run({
      [this.#sample.name]: sample,
      [this.#timestep.name]: timestepTensor(timestep, this.#timestep),
      [this.#promptEmbeds.name]: promptEmbeds,
      ...ours,
    }, taps && [this.#noise, ...taps]);
    return { noise, taps: rest };
  }
}

function inputOfRank(inputs: readonly ValueInfo[], ranks: readonly number[], meaning: string, file: string): ValueInfo {
  const found = inputs.filter(({ dims }) => ranks.includes(dims.length));
  if (found.length === 1) return found[0];
  const all = inputs.map(({ name, dims }) => `${name} [${dims.join(', ')}]`).join(', ');
  throw new InputError(phrase`${found.length} of the inputs could be ${meaning}: ${all}`, { file, remedy: phrase`Name the U-Net of a Stable Diffusion pipeline, exported as optimum does.` });
}

/** A scalar, or one value per declared place, of the type the network declares. */
function timestepTensor(timestep: number, { dtype, dims }: ValueInfo): Tensor {
  const shape = dims.map((length) => typeof length === 'number' && length > 0 ? length : 1);
  const count = shape[0] ?? 1;
  switch (dtype) {
    case 'int64': return { dtype, shape, data: new BigInt64Array(count).fill(BigInt(timestep)) };
    case 'int32': return { dtype, shape, data: new Int32Array(count).fill(timestep) };
    case 'float64': return { dtype, shape, data: new Float64Array(count).fill(timestep) };
    default: return { dtype: 'float32', shape, data: new Float32Array(count).fill(timestep) };
  }
}
