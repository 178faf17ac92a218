import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import { readPromptFile } from '../diffusion/promptFile.ts';
import type { ActivationRequest } from '../sae/activationRequest.ts';
import type { Values } from './readArguments.ts';
import { readNumber, UsageError } from './readArguments.ts';

/** Flags of the commands that sample a model for its activations. */
export const samplingOptions = {
  prompts: { type: 'string', value: 'FILE', summary: 'prompts to sample, one a line (required)' },
  seeds: { type: 'string', value: 'N', summary: 'generations per prompt (default 1)' },
  steps: { type: 'string', value: 'N', summary: 'denoising steps of a generation (default 30)' },
  guidance: { type: 'string', value: 'X', summary: 'guidance scale of a generation (default 5)' },
  'buffer-mb': { type: 'string', value: 'N', summary: 'most activations kept on disk (default 2000)' },
  threads: { type: 'string', value: 'N', summary: 'threads (default: one per core)' },
} as const;

/** @returns the number behind a flag, or `fallback` where it was not given. @throws UsageError */
export function wholeNumber(values: Readonly<Record<string, string | boolean | undefined>>, flag: string, fallback: number, min = 1): number {
  const text = values[flag];
  return typeof text === 'string' ? readNumber(flag, text, { min, whole: true }) : fallback;
}

/**
 * What those flags ask for.
 * @param firstSeed of the first generation; the others follow. @throws UsageError, and InputError for the prompts file
 */
export async function readSampling(
  values: Values<typeof samplingOptions>, model: PipelineFolder, firstSeed: number,
): Promise<Pick<ActivationRequest, 'model' | 'generations' | 'sampling' | 'threads'> & { readonly bytes: number }> {
  if (values.prompts === undefined) throw new UsageError('--prompts is missing');
  const prompts = await readPromptFile(values.prompts);
  const rounds = Array.from({ length: wholeNumber(values, 'seeds', 1) }, () => prompts).flat();
  return {
    model,
    generations: rounds.map((prompt, index) => ({ prompt, seed: firstSeed + index })),
    sampling: {
      negativePrompt: '', steps: wholeNumber(values, 'steps', 30),
      guidanceScale: values.guidance === undefined ? 5 : readNumber('guidance', values.guidance, { min: 0 }),
    },
    bytes: wholeNumber(values, 'buffer-mb', 2000) * 1e6,
    ...(values.threads !== undefined && { threads: wholeNumber(values, 'threads', 1) }),
  };
}
