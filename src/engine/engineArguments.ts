import { parseArgs } from 'node:util';
import type { MachineChoice } from '../experiment/provider/providerDesk.ts';
import type { EngineSettings } from './job.ts';

/** What an engine process is told when it starts. */
interface EngineArguments {
  readonly machine: MachineChoice;
  readonly cacheLimitBytes: number;
}

/** The settings of an engine process as words of its command line. */
export function encodeArguments({ threads, provider, cacheLimitMb }: EngineSettings): string[] {
  return [
    ...(threads === undefined ? [] : ['--threads', String(threads)]),
    ...(provider === undefined ? [] : ['--provider', provider]),
    '--cache-limit-mb', String(cacheLimitMb),
  ];
}

/** What `encodeArguments` wrote. */
export function decodeArguments(words: readonly string[]): EngineArguments {
  const { values: { threads, provider, 'cache-limit-mb': cacheLimitMb } } = parseArgs({
    args: [...words], options: { threads: { type: 'string' }, provider: { type: 'string' }, 'cache-limit-mb': { type: 'string' } },
  });
  return {
    machine: { ...(threads !== undefined && { threads: Number(threads) }), ...(provider !== undefined && { provider }) },
    cacheLimitBytes: Number(cacheLimitMb ?? Infinity) * 2 ** 20,
  };
}
