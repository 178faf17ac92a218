import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { readRange, withFile } from '../../base/fileBytes.ts';

/** The finished picture of a run, known to be one that an editor can show. */
export interface RunPicture {
  readonly path: string;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
}

const mostBytes = 16 * 2 ** 20;
/** A small file can claim any size, and whoever shows it must hold all its pixels. */
const longestSide = 4096;

/** Look at a run's `image.png`, not further than its header. @returns undefined where it is missing, a link, no PNG, or too large */
export async function findPicture(folder: string): Promise<RunPicture | undefined> {
  const path = join(folder, 'image.png');
  const status = await lstat(path).catch(() => undefined);
  if (status?.isFile() !== true || status.size < 24 || status.size > mostBytes) return undefined;
  const header = await withFile(path, (handle) => readRange(handle, 0, 24, path)).catch(() => undefined);
  if (header === undefined) return undefined;
  const view = new DataView(header.buffer, header.byteOffset);
  // Signature, and the chunk that must come first (PNG, ISO/IEC 15948).
  if (view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a || view.getUint32(12) !== 0x49484452) return undefined;
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  return width > 0 && height > 0 && Math.max(width, height) <= longestSide ? { path, bytes: status.size, width, height } : undefined;
}
