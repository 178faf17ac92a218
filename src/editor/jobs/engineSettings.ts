import { totalmem } from 'node:os';
import type { EngineSettings } from '../../engine/job.ts';
import { defaultProvider } from '../../onnx/provider.ts';
import { settings } from '../ids.ts';

/**
 * The engine's settings out of the editor's, where 0 and an empty text mean that the engine may choose.
 * @param get value of a key below `dmiLens.`; settings files are written by hand, so anything may stand there
 * @param module bundle of the engine process
 */
export function engineSettings(get: (key: string) => unknown, module: string): EngineSettings {
  const memory = amount(get(settings.memoryLimit), 0);
  const cache = amount(get(settings.cacheLimit), 4096);
  const threads = Math.round(amount(get(settings.threads), 0));
  return {
    module,
    nodePath: word(get(settings.nodePath)),
    provider: providerOf(get),
    threads: threads === 0 ? undefined : threads,
    memoryLimitMb: memory === 0 ? Math.round(totalmem() / 2 ** 20 * 0.8) : memory,
    idleMinutes: amount(get(settings.idle), 10),
    cacheLimitMb: cache === 0 ? Infinity : cache,
  };
}

/** What computes, as ONNX Runtime calls it. @param get as `engineSettings` */
export function providerOf(get: (key: string) => unknown): string {
  return word(get(settings.provider)) ?? defaultProvider;
}

function amount(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : otherwise;
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
