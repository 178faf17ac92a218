import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineQueue, sceneSpec, stateOf } from '../support/engine.ts';

const runs = 9;

/**
 * The engine process as the editor uses it, over the bundle in dist: how long a spec takes whose runs are all stored, from `start()` to
 * `done`, the median of a few; and how far the host is behind the end of a step's networks when it has that step's preview and codes, the
 * slowest of a run of 30 steps with every site traced.
 */
export async function bench(): Promise<Record<string, number | null>> {
  const folder = await mkdtemp(join(tmpdir(), 'dmi-bench-'));
  const queue = engineQueue();
  try {
    const file = join(folder, 'a.dmi.json');
    const text = sceneSpec({ seeds: [0, 1, 2], steps: 30 });
    const lags: number[] = [];
    const job = queue.start(file, text);
    // The clock has whole milliseconds: half of one is added, so that no lag is called shorter than it is on average.
    job.onDidStep(({ at, seed }) => { if (seed > 0) lags.push(Date.now() + 0.5 - at); });
    const { kind } = await stateOf(job);
    if (kind !== 'done') throw new Error(`the job ended as ${JSON.stringify(job.state)}`);

    const times: number[] = [];
    for (let run = 0; run < runs; run++) {
      const started = performance.now();
      await stateOf(queue.start(file, text));
      times.push(performance.now() - started);
    }
    times.sort((a, b) => a - b);
    return { cached_roundtrip_ms: times[Math.floor(runs / 2)], preview_lag_ms: Math.max(...lags) };
  } finally {
    await queue.dispose();
    await rm(folder, { recursive: true });
  }
}
