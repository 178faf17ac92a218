import { resolve } from 'node:path';
import { english } from '../base/phrase.ts';
import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import { probeInChild } from '../experiment/provider/probeInChild.ts';
import { ProviderDesk } from '../experiment/provider/providerDesk.ts';
import type { DeskOptions, MachineChoice } from '../experiment/provider/providerDesk.ts';
import { defaultProvider, providerChoices, readProvider } from '../onnx/provider.ts';
import type { Provider } from '../onnx/provider.ts';
import type { Terminal } from './command.ts';
import type { Progress } from './progress.ts';
import type { Values } from './readArguments.ts';
import { UsageError } from './readArguments.ts';

/** Flags of the commands that compute. */
export const providerOptions = {
  provider: { type: 'string', value: 'NAME', summary: `what computes: ${providerChoices.join(', ')} (default ${defaultProvider}); auto measures once for a model` },
  'measure-again': { type: 'boolean', summary: 'try providers anew, whatever was measured before' },
} as const;

/** What those flags ask for. @throws UsageError at an unknown provider */
export function readMachine({ provider }: Values<typeof providerOptions>): MachineChoice {
  if (provider === undefined) return {};
  try {
    return { provider: readProvider(provider) };
  } catch {
    throw new UsageError(`--provider takes ${providerChoices.join(', ')}, not "${provider}"`);
  }
}

/** Tells on stderr what was tried and chosen, and in the line of progress what is being loaded. */
export function deskOptions(values: Values<typeof providerOptions>, terminal: Terminal, progress?: Progress): Partial<DeskOptions> {
  return {
    tell: (what, kind) => {
      const text = english(what).replace(/\p{C}/gu, '\ufffd');
      if (kind === 'loading') progress?.note(text);
      else {
        progress?.end();
        terminal.err(`${kind === 'warning' ? 'warning: ' : ''}${text}\n`);
      }
    },
    signal: terminal.signal, again: values['measure-again'] ?? false,
  };
}

/** What runs the networks of a model where there is no spec, and so no folder of runs: what was tried is kept in the current folder. @throws InputError where it cannot be used, UsageError, CancelledError */
export async function admittedProvider(values: Values<typeof providerOptions>, terminal: Terminal, pipeline: PipelineFolder): Promise<Provider> {
  const desk = new ProviderDesk(readMachine(values), { prober: probeInChild(), tell: () => undefined, ...deskOptions(values, terminal) });
  const { provider } = await desk.admit({ pipeline, saes: [], branch: 'cond', cacheFolder: resolve('.dmi', 'cache') });
  return provider;
}
