import type { ActivationBuffer } from './activationBuffer.ts';
import { batches } from './batches.ts';
import { QualityMeter } from './qualityMeter.ts';
import type { SaeQuality } from './qualityMeter.ts';
import type { SaeCoder } from './saeCoder.ts';

/** Cells encoded at a time, and latents told of them together. */
const mostCells = 4096;
const mostLatents = 2 ** 21;

/**
 * Quality over a buffer's cells of one site, taken in random order.
 * @param options.k active latents per cell; may differ from what the SAE was trained with; where it is no TopK, all that are active count
 * @param options.cells at most so many; never more than the buffer has
 */
export async function measureQuality(
  coder: SaeCoder, buffer: ActivationBuffer, site: string, { k, seed, cells = Infinity }: { k: number; seed: number; cells?: number },
): Promise<SaeQuality> {
  const told = coder.topk ? k : coder.n;
  const size = Math.max(1, Math.min(mostCells, Math.floor(mostLatents / told)));
  const meter = new QualityMeter(coder.d, coder.n);
  const rows = Math.min(cells, buffer.rows(site));
  const stream = batches(buffer, site, { seed, size });
  for (let seen = 0; seen < rows; seen += size) {
    const { value } = await stream.next();
    const x = value.subarray(0, Math.min(size, rows - seen) * coder.d); // a batch may reach into the next epoch
    meter.add(x, await coder.encode(x, told));
  }
  return meter.result();
}
