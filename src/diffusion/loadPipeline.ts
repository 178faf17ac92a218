import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { MachineOptions, Session } from '../onnx/session.ts';
import { openModel } from '../onnx/openModel.ts';
import type { Conditioning, Texts } from './conditioning.ts';
import { SessionDenoiser } from './denoiser.ts';
import type { PipelineFolder } from './pipelineFolder.ts';
import { PromptEncoder } from './promptEncoder.ts';
import { createScheduler, ownScheduler } from './schedulers/createScheduler.ts';
import type { SchedulerName } from './schedulers/createScheduler.ts';
import type { Scheduler } from './schedulers/scheduler.ts';
import { loadTokenizer } from './tokenizer.ts';
import { VaeDecoder } from './vaeDecoder.ts';

/** A pipeline in memory, ready to sample. */
export interface LoadedPipeline {
  readonly folder: PipelineFolder;
  /** Encode the texts of a generation: the rows [uncond, cond] under guidance (a scale above 1), else one. */
  condition(texts: Texts): Promise<Conditioning>;
  readonly vaeDecoder: VaeDecoder;
  /** Shape of one latent. */
  readonly latentShape: readonly [1, channels: number, height: number, width: number];
  /** A fresh scheduler, set up by the pipeline's own configuration. @throws InputError at a key that is not supported */
  createScheduler(name?: SchedulerName): Scheduler;
  /** The U-Net as it is; loaded on the first call, so that runs on an instrumented one never load it. */
  denoiser(): Promise<SessionDenoiser>;
  /** Milliseconds spent so far inside ONNX Runtime by the sessions this pipeline opened. */
  readonly runMs: number;
  /** Free all sessions. */
  close(): Promise<void>;
}

/** Load tokenizer, text encoder and VAE decoder of a pipeline. @throws InputError naming the file that is missing, malformed or not supported */
export async function loadPipeline(folder: PipelineFolder, options: MachineOptions = {}): Promise<LoadedPipeline> {
  const { unet, textEncoder, vaeDecoder, tokenizer, scheduler } = folder.components;
  const sessions: Session[] = [];
  const open = async (path: string): Promise<Session> => {
    const session = await openModel(path, options);
    sessions.push(session);
    return session;
  };
  const { in_channels: channels, sample_size: side } = unet.config;
  const [height, width] = typeof side === 'number' ? [side, side] : side;
  const prompts = await loadTokenizer(tokenizer);
  const { max_position_embeddings: longest = 77 } = textEncoder.config;
  if (prompts.maxLength > longest) {
    throw new InputError(phrase`prompts of ${prompts.maxLength} tokens are longer than the ${longest} that the text encoder reads`, {
      file: tokenizer, place: 'tokenizer_config.json: /model_max_length', remedy: phrase`Take tokenizer and text encoder from one pipeline.`,
    });
  }
  const vaeSession = await open(vaeDecoder.path);
  const textSession = await open(textEncoder.path);
  const promptEncoder = new PromptEncoder(textSession, prompts, textEncoder.path);
  let denoiser: Promise<SessionDenoiser> | undefined;
  return {
    folder,
    condition: async ({ prompt, negativePrompt, guidanceScale }) => ({ promptEmbeds: await promptEncoder.encode(guidanceScale > 1 ? [negativePrompt, prompt] : [prompt]) }),
    vaeDecoder: new VaeDecoder(vaeSession, vaeDecoder.config.scaling_factor ?? 0.18215, vaeDecoder.path),
    latentShape: [1, channels, height, width],
    createScheduler: (name) => createScheduler(name ?? ownScheduler(scheduler), scheduler),
    denoiser: () => denoiser ??= open(unet.path).then((session) => new SessionDenoiser(session, unet.path)),
    get runMs() { return sessions.reduce((sum, session) => sum + session.runMs, 0); },
    close: async () => { await Promise.all(sessions.map((session) => session.close())); },
  };
}
