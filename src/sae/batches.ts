import type { ActivationBuffer } from './activationBuffer.ts';
import { drawWithoutRepeat, generatorOf } from './permutation.ts';

/**
 * An endless stream of batches over a site's rows: every epoch takes the shards in a new order, and the rows of each in a new order.
 * Batch b depends on `seed` and b only, so a resumed training sees what an uninterrupted one would have seen.
 * @param from the number of the first batch
 * @returns arrays [size, d]; each is overwritten by the next
 */
export async function* batches(
  buffer: ActivationBuffer, site: string, { seed, size, from = 0 }: { seed: number; size: number; from?: number },
): AsyncGenerator<Float32Array, never, undefined> {
  const rows = buffer.sites.get(site);
  if (rows === undefined) throw new RangeError(`no activations of ${site}`);
  const { d, shards } = rows;
  const total = buffer.rows(site);
  const batch = new Float32Array(size * d);
  let filled = 0;
  let skip = (from * size) % total;
  let held: { shard: number; data: Float32Array } = { shard: -1, data: batch };
  for (let epoch = Math.floor(from * size / total); ; epoch++) {
    for (const shard of drawWithoutRepeat(shards, shards, generatorOf(seed, epoch))) {
      const length = buffer.rowsInShard(site, shard);
      if (skip >= length) {
        skip -= length;
        continue;
      }
      if (held.shard !== shard) held = { shard, data: await buffer.readShard(site, shard) };
      const order = drawWithoutRepeat(length, length, generatorOf(seed, epoch, shard));
      for (const row of order.subarray(skip)) {
        batch.set(held.data.subarray(row * d, (row + 1) * d), filled * d);
        if (++filled === size) {
          yield batch;
          filled = 0;
        }
      }
      skip = 0;
    }
  }
}
