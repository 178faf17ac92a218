import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { dtypeOf } from '../onnx/elementType.ts';
import { recentIndex } from '../onnx/recentIndex.ts';
import type { ValueInfo } from '../onnx/session.ts';
import type { PipelineFolder } from './pipelineFolder.ts';
import { unetInputs } from './unetInputs.ts';

/** What a pipeline must have for its U-Net to be told something. */
const needs = [
  ['pooled', 'text_encoder_2'],
  ['timeIds', 'text_encoder_2'],
  ['guidanceEmbedding', 'time_cond_proj_dim'],
] as const;

/** Whether a pipeline tells its U-Net all that this asks for; read from the files, no network is loaded. @throws InputError at an input of no known meaning, or of one that the pipeline has nothing for */
export async function checkUnet({ components: { unet, textEncoder2 } }: Pick<PipelineFolder, 'components'>): Promise<void> {
  const { inputs, weights } = await recentIndex(unet.path);
  const asked = unetInputs(inputs.filter(({ name }) => !weights.has(name)).map(({ name, elementType, dims }): ValueInfo => ({ name, dims, dtype: dtypeOf(elementType) ?? `type ${elementType}` })), unet.path);
  const has = { text_encoder_2: textEncoder2 !== undefined, time_cond_proj_dim: typeof unet.config.time_cond_proj_dim === 'number' };
  for (const [input, need] of needs) {
    const told = asked[input];
    if (told === undefined || has[need]) continue;
    throw new InputError(phrase`asks for something that this pipeline does not tell it (${need})`, {
      file: unet.path, place: told.name, remedy: phrase`Take U-Net, text encoders and configuration from one pipeline.`,
    });
  }
}
