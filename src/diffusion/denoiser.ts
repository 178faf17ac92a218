import { asFloat32, floatAs, floatTypes } from '../base/floatTensor.ts';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { Tensor } from '../base/tensor.ts';
import { batchCalls, fixedRows, joinRows, pickRows } from '../onnx/fixedBatch.ts';
import type { BatchCall } from '../onnx/fixedBatch.ts';
import type { Session, ValueInfo } from '../onnx/session.ts';
import { joinConditionings, rowsOf } from './conditioning.ts';
import type { Conditioning } from './conditioning.ts';
import { unetInputs } from './unetInputs.ts';
import type { UnetInputs } from './unetInputs.ts';

/** What a denoising network answers. */
export interface Prediction {
  /** As the sample, float32: [rows, channels, height, width]; what it predicts (noise, v, image) is the scheduler's business. */
  readonly noise: Tensor;
  /** Every further output of the network, by name. */
  readonly taps: Readonly<Record<string, Tensor>>;
}

/** A U-Net, plain or instrumented. */
export interface Denoiser {
  /** @param sample float32 [rows, channels, height, width]. @param timestep as the scheduler counts. @param conditioning of the same rows */
  predict(sample: Tensor, timestep: number, conditioning: Conditioning): Promise<Prediction>;
}

/** What is particular to an instrumented U-Net. */
interface Particulars {
  /** Tells inputs that are not the network's own, to be given at every prediction. */
  readonly isOurs: (input: string) => boolean;
  /** Which rows of a batch the further outputs show. */
  readonly shown: (batch: number) => readonly [first: number, end: number];
}

const plain: Particulars = { isOurs: () => false, shown: (batch) => [0, batch] };

/** Values of the inputs that are not the network's own, for a call with these rows of the batch. */
export type OwnFeeds = (rows: BatchCall) => Readonly<Record<string, Tensor>>;

/** A U-Net in a session, of any exporter: names, types and ranks of its inputs are read from it; one that takes one or two rows at a time is asked as often as needed. */
export class SessionDenoiser implements Denoiser {
  readonly #session: Session;
  readonly #inputs: UnetInputs;
  readonly #noise: string;
  readonly #file: string;
  readonly #shown: Particulars['shown'];

  /** @param session its first output is the prediction. @param file names the model in errors. @throws InputError unless it is a U-Net of a kind we know */
  constructor(session: Session, file: string, { isOurs, shown }: Particulars = plain) {
    this.#session = session;
    this.#inputs = unetInputs(session.inputs.filter(({ name }) => !isOurs(name)), file);
    this.#noise = session.outputs[0].name;
    this.#file = file;
    this.#shown = shown;
    const { name, dtype } = session.outputs[0];
    if (!floatTypes.includes(dtype)) {
      throw new InputError(phrase`gives ${dtype}, not float32`, { file, place: name, remedy: phrase`Export the pipeline in float32; float16 is no faster on a CPU.` });
    }
  }

  /** @param ours further inputs. @param taps names of the further outputs to compute; left out: all. @throws InputError where the network was exported for other shapes */
  async predict(sample: Tensor, timestep: number, conditioning: Conditioning, ours: OwnFeeds = () => ({}), taps?: readonly string[]): Promise<Prediction> {
    const rows = rowsOf(conditioning);
    const calls = batchCalls(rows, fixedRows(this.#inputs.sample), this.#file);
    if (calls === undefined) return this.#ask(sample, timestep, conditioning, ours(Array.from({ length: rows }, (_, row) => row)), taps);
    const answers: Prediction[] = [];
    for (const call of calls) {
      answers.push(await this.#ask(pickRows(sample, call), timestep, joinConditionings([conditioning], ([tensor]) => pickRows(tensor, call)), ours(call), taps));
    }
    // A row that stands twice in a call is written twice.
    const [first, end] = this.#shown(rows);
    const shownOf = calls.map((call) => call.slice(...this.#shown(call.length)).map((row) => (row >= first && row < end ? row - first : undefined)));
    return {
      noise: joinRows(answers.map(({ noise }) => noise), calls),
      taps: Object.fromEntries(Object.keys(answers[0].taps).map((name) => [name, joinRows(answers.map((answer) => answer.taps[name]), shownOf)])),
    };
  }

  async #ask(sample: Tensor, timestep: number, conditioning: Conditioning, ours: Readonly<Record<string, Tensor>>, taps: readonly string[] | undefined): Promise<Prediction> {
    const { sample: noisy, timestep: time, ...told } = this.#inputs;
    const feeds: Record<string, Tensor> = { ...ours, [time.name]: timestepTensor(timestep, time, (length) => (length === noisy.dims[0] ? sample.shape[0] : 1)), [noisy.name]: this.#fitting(sample, noisy) };
    for (const [part, input] of Object.entries(told) as [keyof Conditioning, ValueInfo][]) {
      const tensor = conditioning[part];
      if (tensor === undefined) {
        throw new InputError(phrase`asks for something that this pipeline does not tell it`, {
          file: this.#file, place: input.name, remedy: phrase`Take U-Net, text encoders and configuration from one pipeline.`,
        });
      }
      feeds[input.name] = this.#fitting(tensor, input);
    }
    const { [this.#noise]: noise, ...rest } = await this.#session.run(feeds, taps && [this.#noise, ...taps]);
    if (noise.shape.join() !== sample.shape.join()) {
      throw new InputError(phrase`answers with [${noise.shape.join(', ')}] to a sample of [${sample.shape.join(', ')}]`, {
        file: this.#file, place: this.#noise, remedy: phrase`Use a pipeline whose U-Net predicts noise, v or the latent alone, not a variance beside it.`,
      });
    }
    return { noise: asFloat32(noise), taps: rest };
  }

  /** In the type of the input. @throws InputError where the export is for another shape */
  #fitting(tensor: Tensor, { name, dtype, dims }: ValueInfo): Tensor {
    const { shape } = tensor;
    if (dims.some((length, axis) => typeof length === 'number' && length > 0 && length !== shape[axis])) {
      throw new InputError(phrase`is made for ${name} of [${dims.join(', ')}], not of [${shape.join(', ')}]`, {
        file: this.#file, place: name, remedy: phrase`Export it with dynamic axes, or use the pipeline that it was exported with.`,
      });
    }
    return floatAs(asFloat32(tensor), dtype as 'float32');
  }
}

/**
 * A scalar, or one value per declared place, of the type the network declares; whole numbers lose fractions, as in diffusers' ONNX pipelines.
 * @param free how many places a free dimension has: one, or where it is called as that of the sample's rows, as many as these
 */
function timestepTensor(timestep: number, { dtype, dims }: ValueInfo, free: (dimension: string | number) => number): Tensor {
  const shape = dims.map((length) => typeof length === 'number' && length > 0 ? length : free(length));
  const count = shape[0] ?? 1;
  const whole = Math.trunc(timestep);
  switch (dtype) {
    case 'int64': return { dtype, shape, data: new BigInt64Array(count).fill(BigInt(whole)) };
    case 'int32': return { dtype, shape, data: new Int32Array(count).fill(whole) };
    default: return floatAs({ dtype: 'float32', shape, data: new Float32Array(count).fill(timestep) }, dtype as 'float32');
  }
}
