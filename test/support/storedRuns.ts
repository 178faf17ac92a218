import { join } from 'node:path';
import { sha256Text } from '../../src/base/sha256.ts';
import { engineVersion } from '../../src/experiment/engineVersion.ts';
import { planRuns } from '../../src/experiment/plan.ts';
import type { RunDefinition } from '../../src/experiment/plan.ts';
import { previewName } from '../../src/experiment/previewName.ts';
import { RunStore } from '../../src/experiment/runStore.ts';
import type { RunRecord, StoredRun } from '../../src/experiment/runStore.ts';
import { sampleDefaults } from '../../src/spec/schema.ts';

/** What a run to store is like, as far as it matters to a test. */
export interface FakeRun {
  readonly prompt?: string;
  readonly seed?: number;
  readonly steps?: number;
  readonly branch?: RunDefinition['trace']['branch'];
  readonly recorded?: readonly number[];
  readonly sources?: RunRecord['sources'];
  /** Left out: made up from the folders' names. */
  readonly hashes?: { readonly model: string; readonly saes: Readonly<Record<string, string>> };
  readonly provider?: string;
  readonly finishedAt?: Date;
  /** By name, beside or in place of those that every run has. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** Store a run in `.dmi/runs` of a folder by the store itself; its files hold next to nothing. */
export async function storeRun(specFolder: string, fake: FakeRun = {}): Promise<StoredRun> {
  const { prompt = 'a house', seed = 0, steps = 3, branch = 'cond', recorded = Array.from({ length: steps }, (_, step) => step), provider = 'cpu', finishedAt = new Date() } = fake;
  const { sources = { model: '/model', saes: { 'mid_block.attentions.0': '/saes/mid' } }, files = {}, hashes } = fake;
  const sites = Object.keys(sources.saes);
  const [{ key, definition }] = planRuns(
    { sample: { ...sampleDefaults, scheduler: 'ddim', prompt, seeds: [seed], steps }, calls: steps, trace: { sites, branch, steps: recorded, top: 1, always: {} } },
    hashes?.model ?? sha256Text(sources.model), new Map(sites.map((site) => [site, hashes?.saes[site] ?? sha256Text(sources.saes[site])])), provider,
  );
  const pending = await (await RunStore.open(join(specFolder, '.dmi/runs'))).begin(key);
  const content = {
    'image.png': Uint8Array.of(1, 2, 3), 'trace.safetensors': new Uint8Array(8), 'metrics.json': Buffer.from('{}'),
    ...Object.fromEntries(recorded.map((step) => [previewName(step), Uint8Array.of(step)])),
    ...files,
  };
  for (const [name, bytes] of Object.entries(content)) pending.add(name, bytes);
  return await pending.commit({
    format: 1, key, definition, sources, timesteps: Array.from({ length: steps }, (_, step) => 999 - step), latents: [4, 16, 16], previews: 'vae',
    timings: { unetMs: 1, sessionMs: 2, totalMs: 4100 }, versions: { 'dmi-lens': engineVersion }, finishedAt: finishedAt.toISOString(),
  });
}
