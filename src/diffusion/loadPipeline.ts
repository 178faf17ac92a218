import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { Phrase } from '../base/phrase.ts';
import type { MachineOptions, Session } from '../onnx/session.ts';
import { recentIndex } from '../onnx/recentIndex.ts';
import { openModel } from '../onnx/openModel.ts';
import { checkUnet } from './checkUnet.ts';
import type { Conditioning, Texts } from './conditioning.ts';
import { SessionDenoiser } from './denoiser.ts';
import { latentShapeOf } from './latentShape.ts';
import type { LatentShape } from './latentShape.ts';
import type { PipelineFolder, TextComponent } from './pipelineFolder.ts';
import { PromptEncoder } from './promptEncoder.ts';
import type { Wanted } from './promptEncoder.ts';
import { createScheduler } from './schedulers/createScheduler.ts';
import { ownScheduler } from './schedulers/ownScheduler.ts';
import type { SchedulerName } from './schedulers/createScheduler.ts';
import type { Scheduler } from './schedulers/scheduler.ts';
import { TextConditioner } from './textConditioner.ts';
import { loadTokenizer } from './tokenizer.ts';
import type { PromptTokenizer } from './tokenizer.ts';
import { VaeDecoder } from './vaeDecoder.ts';

/** A pipeline in memory, ready to sample. */
export interface LoadedPipeline {
  readonly folder: PipelineFolder;
  /** Whether a guidance scale means classifier-free guidance: above 1, unless the U-Net is told the scale. */
  guided(guidanceScale: number): boolean;
  /** Encode the texts of a generation: the rows [uncond, cond] under guidance, else one. */
  condition(texts: Texts): Promise<Conditioning>;
  readonly vaeDecoder: Pick<VaeDecoder, 'decode'> & {
    /** Height and width of the latents it reads; free ones by name. */
    readonly sides: readonly (number | string)[];
  };
  /** Shape of one latent. */
  readonly latentShape: LatentShape;
  /** A fresh scheduler, set up by the pipeline's own configuration. @throws InputError at a key that is not supported */
  createScheduler(name?: SchedulerName): Scheduler;
  /** The U-Net as it is; loaded on the first call, so that runs on an instrumented one never load it. */
  denoiser(): Promise<SessionDenoiser>;
  /** Milliseconds spent so far inside ONNX Runtime by the sessions this pipeline opened. */
  readonly runMs: number;
  /** Free all sessions. */
  close(): Promise<void>;
}

/** Load the tokenizers of a pipeline; its networks are opened when they are first needed. @param tell told before each is, and waited for @throws InputError naming the file that is missing, malformed or not supported */
export async function loadPipeline(folder: PipelineFolder, options: MachineOptions = {}, tell?: (what: Phrase) => void | Promise<void>): Promise<LoadedPipeline> {
  const { unet, textEncoder, textEncoder2, vaeDecoder, scheduler } = folder.components;
  const sessions: Session[] = [];
  const open = async (path: string, what: Phrase): Promise<Session> => {
    await tell?.(what);
    const session = await openModel(path, options);
    sessions.push(session);
    return session;
  };
  const texts = await Promise.all([textEncoder, ...(textEncoder2 ? [textEncoder2] : [])].map(async (text) => ({ ...text, prompts: await tokenizerOf(text) })));
  const [first, second] = texts.map(({ prompts }) => prompts.maxLength) as [number, number | undefined];
  if (second !== undefined && second !== first) {
    throw new InputError(phrase`the two tokenizers give ${first} and ${second} tokens, and the U-Net reads both texts side by side`, {
      file: folder.folder, place: 'tokenizer_2/tokenizer_config.json: /model_max_length', remedy: phrase`Take tokenizer and text encoder from one pipeline.`,
    });
  }
  await checkUnet(folder);
  const latentShape = await latentShapeOf(folder);
  const [, , height, width] = latentShape;
  const wanted = (index: number): Wanted => textEncoder2 === undefined ? { hidden: 'last' } : { hidden: 'last but one', pooled: index === 1 };
  const encoders = once(async () => {
    const opened: PromptEncoder[] = [];
    for (const [index, { path, prompts }] of texts.entries()) opened.push(new PromptEncoder(await open(path, index === 0 ? phrase`loading the text encoder` : phrase`loading the second text encoder`), prompts, path, wanted(index)));
    return opened;
  });
  // Only the pipeline of SDXL reads mean and deviation of latents.
  const latentScale = textEncoder2 === undefined ? { scaling_factor: vaeDecoder.config.scaling_factor } : vaeDecoder.config;
  const decoder = once(async () => new VaeDecoder(await open(vaeDecoder.path, phrase`loading the VAE decoder`), latentScale, vaeDecoder.path));
  const pixels = 2 ** ((vaeDecoder.config.block_out_channels?.length ?? usualBlocks) - 1);
  const conditioner = new TextConditioner(encoders, {
    zerosForEmptyPrompt: folder.zerosForEmptyPrompt,
    ...(textEncoder2 && { pictureSize: [height * pixels, width * pixels] }),
    ...(typeof unet.config.time_cond_proj_dim === 'number' && { guidanceWidth: unet.config.time_cond_proj_dim }),
  });
  return {
    folder,
    latentShape,
    guided: (guidanceScale) => conditioner.guided(guidanceScale),
    condition: (asked) => conditioner.condition(asked),
    vaeDecoder: { decode: async (latents) => (await decoder()).decode(latents), sides: await sidesRead(vaeDecoder.path) },
    createScheduler: (name) => createScheduler(name ?? ownScheduler(scheduler), scheduler),
    denoiser: once(async () => new SessionDenoiser(await open(unet.path, phrase`loading the U-Net`), unet.path)),
    get runMs() { return sessions.reduce((sum, session) => sum + session.runMs, 0); },
    close: async () => { await Promise.all(sessions.map((session) => session.close())); },
  };
}

/** Height and width that a decoder declares. */
async function sidesRead(path: string): Promise<readonly (number | string)[]> {
  const { inputs, weights } = await recentIndex(path);
  return inputs.find(({ name }) => !weights.has(name))?.dims.slice(2) ?? [];
}

/** Blocks of the VAEs of Stable Diffusion: eight pixels a cell. */
const usualBlocks = 4;

/** @throws InputError where it gives more tokens than its text encoder reads */
async function tokenizerOf({ tokenizer, config: { max_position_embeddings: longest = 77 } }: TextComponent): Promise<PromptTokenizer> {
  const prompts = await loadTokenizer(tokenizer, longest);
  if (prompts.maxLength > longest) {
    throw new InputError(phrase`prompts of ${prompts.maxLength} tokens are longer than the ${longest} that the text encoder reads`, {
      file: tokenizer, place: 'tokenizer_config.json: /model_max_length', remedy: phrase`Take tokenizer and text encoder from one pipeline.`,
    });
  }
  return prompts;
}

/** Done with the first call; one that failed is tried again. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => done ??= work().catch((error: unknown) => {
    done = undefined;
    throw error;
  });
}
