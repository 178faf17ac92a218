import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';

/** What can compute, as ONNX Runtime calls its execution providers. */
export const providers = ['cpu', 'webgpu', 'cuda', 'coreml', 'dml'] as const;
export type Provider = (typeof providers)[number];

/** What people may ask for; `auto`: whatever was measured to be fastest and to agree with the CPU. */
export const providerChoices = ['auto', ...providers] as const;
export type ProviderChoice = (typeof providerChoices)[number];

/** What computes where nothing is said: the execution provider that every build of ONNX Runtime has. */
export const defaultProvider = 'cpu';

/** A provider asked for in a setting or a flag. @throws InputError where there is none of this name */
export function readProvider(text: string): ProviderChoice {
  const found = providerChoices.find((name) => name === text);
  if (found !== undefined) return found;
  throw new InputError(phrase`there is no provider ${text}`, { file: '--provider, dmiLens.engine.provider', remedy: phrase`Choose one of: ${providerChoices.join(', ')}.` });
}
