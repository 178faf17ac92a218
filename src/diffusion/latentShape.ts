import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { sizeOf } from '../base/tensor.ts';
import { recentIndex } from '../onnx/recentIndex.ts';
import type { ModelIndex } from '../onnx/modelIndex.ts';
import type { PipelineFolder } from './pipelineFolder.ts';

/** [1, channels, height, width] */
export type LatentShape = readonly [1, channels: number, height: number, width: number];

/** Side of Stable Diffusion 1's latents: what diffusers' ONNX pipelines take where nothing is told. */
const usualSide = 64;

/** Elements of a latent: that of the largest picture anyone makes has a few million. */
const mostElements = 2 ** 28;

/** Channels of the latents of every Stable Diffusion up to XL. */
const usualChannels = 4;

/**
 * The shape of one latent: as the U-Net was exported where its shape is fixed, else as its configuration says. No network is loaded.
 * @throws InputError where U-Net and VAE are made for other latents than each other
 */
export async function latentShapeOf({ components: { unet, vaeDecoder } }: Pick<PipelineFolder, 'components'>): Promise<LatentShape> {
  const index = await recentIndex(unet.path);
  const [, fixedChannels, fixedHeight, fixedWidth] = sampleOf(index)?.dims ?? [];
  const { sample_size: side = usualSide, in_channels: told } = unet.config;
  const [height, width] = typeof side === 'number' ? [side, side] : side;
  const channels = fixed(fixedChannels) ?? told ?? channelsRead(index) ?? usualChannels;
  const shape = [1, channels, fixed(fixedHeight) ?? height, fixed(fixedWidth) ?? width] as const;
  if (sizeOf(shape) > mostElements) {
    throw new InputError(phrase`is made for latents of [${shape.join(', ')}], which no memory holds`, { file: unet.path, remedy: phrase`The file is damaged: export or download it again.` });
  }
  await checkDecoder(vaeDecoder, shape, unet.path);
  checkAnswer(index, channels);
  return shape;
}

/** @throws InputError where the U-Net answers with more than it is asked for */
function checkAnswer({ path, outputs }: ModelIndex, channels: number): void {
  const [answer] = outputs as readonly (ModelIndex['outputs'][number] | undefined)[];
  const answered = fixed(answer?.dims[1]) ?? channels;
  if (answered === channels) return;
  throw new InputError(phrase`answers with ${answered} channels, latents have ${channels}`, {
    file: path, place: answer?.name ?? '', remedy: phrase`Use a pipeline whose U-Net predicts noise, v or the latent alone, not a variance beside it.`,
  });
}

/** @throws InputError where the VAE decodes other latents than the U-Net makes */
async function checkDecoder({ path, config }: PipelineFolder['components']['vaeDecoder'], [, channels, height, width]: LatentShape, unet: string): Promise<void> {
  const index = await recentIndex(path);
  const [, fixedChannels, fixedHeight, fixedWidth] = sampleOf(index)?.dims ?? [];
  const made = config.latent_channels ?? fixed(fixedChannels) ?? channelsRead(index) ?? channels;
  if (channels !== made) {
    throw new InputError(phrase`reads ${channels} channels, the VAE's latents have ${made}`, {
      file: unet, remedy: phrase`Use a text-to-image pipeline; one for inpainting or upscaling reads a picture as well.`,
    });
  }
  const [decodedHeight, decodedWidth] = [fixed(fixedHeight) ?? height, fixed(fixedWidth) ?? width];
  if (decodedHeight !== height || decodedWidth !== width) {
    throw new InputError(phrase`decodes latents of ${decodedHeight} x ${decodedWidth} cells, the U-Net makes ${height} x ${width}`, {
      file: path, place: sampleOf(index)?.name ?? '', remedy: phrase`Export it with dynamic axes, or use the pipeline that it was exported with.`,
    });
  }
}

/** The input for latents, [batch, channels, height, width]. Old models list their weights among the inputs. */
export function sampleOf({ inputs, weights }: ModelIndex): ModelIndex['inputs'][number] | undefined {
  return inputs.find(({ name, dims }) => dims.length === 4 && !weights.has(name));
}

function fixed(length: number | string | undefined): number | undefined {
  return typeof length === 'number' && length > 0 ? length : undefined;
}

/** Those of the convolution that reads the sample: its kernel is [out, in, height, width]. */
function channelsRead(index: ModelIndex): number | undefined {
  const sample = sampleOf(index);
  const first = index.nodes.find(({ opType, inputs }) => opType === 'Conv' && inputs[0] === sample?.name);
  return first === undefined ? undefined : index.weights.get(first.inputs[1])?.dims[1];
}
