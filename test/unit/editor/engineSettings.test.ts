import { totalmem } from 'node:os';
import { describe, expect, it } from 'vitest';
import manifest from '../../../package.json';
import { engineSettings } from '../../../src/editor/jobs/engineSettings.ts';

const defaults = Object.fromEntries(Object.entries(manifest.contributes.configuration.properties).map(([key, { default: value }]) => [key.replace('dmiLens.', ''), value]));

function read(settings: Readonly<Record<string, unknown>>) {
  return engineSettings((key) => settings[key], '/ext/dist/engine.mjs');
}

describe('engineSettings', () => {
  it('turns the defaults of the manifest into what the engine chooses itself', () => {
    expect(read(defaults)).toEqual({
      module: '/ext/dist/engine.mjs', nodePath: undefined, provider: 'cpu', threads: undefined,
      memoryLimitMb: Math.round(totalmem() / 2 ** 20 * 0.8), idleMinutes: 10, cacheLimitMb: 4096,
    });
  });

  it('passes on what people set', () => {
    expect(read({
      'engine.threads': 3, 'engine.memoryLimitMb': 2000, 'engine.idleMinutes': 0, 'engine.provider': 'cuda', 'engine.nodePath': ' /opt/node ', 'cache.limitMb': 0,
    })).toMatchObject({ nodePath: '/opt/node', provider: 'cuda', threads: 3, memoryLimitMb: 2000, idleMinutes: 0, cacheLimitMb: Infinity });
  });

  it('is not led astray by what cannot be meant', () => {
    expect(read({ 'engine.threads': -1, 'engine.memoryLimitMb': 'much', 'engine.idleMinutes': NaN, 'engine.nodePath': 7, 'engine.provider': 'cpu', 'cache.limitMb': null }))
      .toEqual(read(defaults));
  });
});
