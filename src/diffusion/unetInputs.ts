import { floatTypes } from '../base/floatTensor.ts';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { ValueInfo } from '../onnx/session.ts';

/** What each input of a U-Net means; those of a `Conditioning` by its own names. */
export interface UnetInputs {
  readonly sample: ValueInfo;
  readonly timestep: ValueInfo;
  readonly promptEmbeds: ValueInfo;
  readonly pooled?: ValueInfo;
  readonly timeIds?: ValueInfo;
  readonly guidanceEmbedding?: ValueInfo;
}

/** Inputs of rank 2 by their names: exporters keep those of diffusers' arguments, with or without what stands before. */
const byName = [['timeIds', /time_ids$/], ['pooled', /(?:text_embeds|pooled\w*)$/], ['guidanceEmbedding', /timestep_cond$/]] as const;

/** What each input means: those of other ranks by rank, whatever their names. @param file names the model in errors. @throws InputError at an input of no known meaning, or of a type it cannot have */
export function unetInputs(inputs: readonly ValueInfo[], file: string): UnetInputs {
  const found: UnetInputs = {
    sample: inputOfRank(inputs, { ranks: [4], usual: /(?:^|\.)sample$/, meaning: 'a noisy sample [rows, channels, height, width]' }, file),
    promptEmbeds: inputOfRank(inputs, { ranks: [3], usual: /encoder_hidden_states$/, meaning: 'an encoded text [rows, tokens, width]' }, file),
    timestep: inputOfRank(inputs, { ranks: [0, 1], usual: /timesteps?$/, meaning: 'a timestep' }, file),
    ...tables(inputs.filter(({ dims }) => dims.length === 2)),
  };
  const known = Object.values(found as unknown as Record<string, ValueInfo>);
  const unknown = inputs.find((input) => !known.includes(input));
  if (unknown !== undefined) {
    throw new InputError(phrase`this input of the U-Net is not known`, {
      file, place: unknown.name, remedy: phrase`Use a text-to-image pipeline of the type of Stable Diffusion 1, 2 or XL, without ControlNet, adapters, classes or an image to start from.`,
    });
  }
  const whole = ['int64', 'int32'];
  for (const input of known) {
    if (!floatTypes.includes(input.dtype) && !(input === found.timestep && whole.includes(input.dtype))) {
      throw new InputError(phrase`takes ${input.dtype}, not float32`, { file, place: input.name, remedy: phrase`Export the pipeline in float32; float16 is no faster on a CPU.` });
    }
  }
  return found;
}

/** Inputs of rank 2 by their names; where the exporter was given none, those of SDXL by the six numbers of its time ids. */
function tables(inputs: readonly ValueInfo[]): Pick<UnetInputs, 'timeIds' | 'pooled' | 'guidanceEmbedding'> {
  const named = byName.flatMap(([part, pattern]) => {
    const input = inputs.find(({ name }) => pattern.test(name));
    return input === undefined ? [] : [[part, input] as const];
  });
  const timeIds = inputs.find(({ dims }) => dims[1] === 6);
  const other = inputs.find((input) => input !== timeIds);
  if (named.length === 0 && inputs.length === 2 && timeIds !== undefined && other !== undefined) return { timeIds, pooled: other };
  return Object.fromEntries(named);
}

/** The only input of a rank, or of several the one with the name that diffusers gives it. */
function inputOfRank(inputs: readonly ValueInfo[], { ranks, usual, meaning }: { readonly ranks: readonly number[]; readonly usual: RegExp; readonly meaning: string }, file: string): ValueInfo {
  const found = inputs.filter(({ dims }) => ranks.includes(dims.length));
  const named = found.filter(({ name }) => usual.test(name));
  const [only] = found.length === 1 ? found : named;
  if (found.length === 1 || named.length === 1) return only;
  const all = inputs.map(({ name, dims }) => `${name} [${dims.join(', ')}]`).join(', ');
  throw new InputError(phrase`${found.length} of the inputs could be ${meaning}: ${all}`, { file, remedy: phrase`Name the U-Net of a Stable Diffusion pipeline, exported as optimum does.` });
}
