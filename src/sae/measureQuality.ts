import type { ActivationBuffer } from './activationBuffer.ts';
import { batches } from './batches.ts';
import { QualityMeter } from './qualityMeter.ts';
import type { SaeQuality } from './qualityMeter.ts';
import type { SaeCoder } from './saeCoder.ts';

/** Cells encoded at a time. */
const size = 4096;

/**
 * Quality over a buffer's cells of one site, taken in random order.
 * @param options.k active latents per cell; may differ from what the SAE was trained with
 * @param options.cells at most so many; never more than the buffer has
 */
export async function measureQuality(
  coder: SaeCoder, buffer: ActivationBuffer, site: string, { k, seed, cells = Infinity }: { k: number; seed: number; cells?: number },
): Promise<SaeQuality> {
  const meter = new QualityMeter(coder.d, coder.n);
  const rows = Math.min(cells, buffer.rows(site));
  const stream = batches(buffer, site, { seed, size });
  for (let seen = 0; seen < rows; seen += size) {
    const { value } = await stream.next();
    const x = value.subarray(0, Math.min(size, rows - seen) * coder.d); // a batch may reach into the next epoch
    meter.add(x, await coder.encode(x, k));
  }
  return meter.result();
}
