import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { readRange, withFile } from '../../base/fileBytes.ts';
import { pngSize, pngSizeBytes } from '../../base/pngSize.ts';

/** The finished picture of a run, known to be one that an editor can show. */
export interface RunPicture {
  readonly path: string;
  readonly bytes: number;
  readonly width: number;
  readonly height: number;
}

const mostBytes = 16 * 2 ** 20;
const longestSide = 4096;

/** Look at a run's `image.png`, not further than its header. @returns undefined where it is missing, a link, no PNG, or too large */
export async function findPicture(folder: string): Promise<RunPicture | undefined> {
  const path = join(folder, 'image.png');
  const status = await lstat(path).catch(() => undefined);
  if (status?.isFile() !== true || status.size < pngSizeBytes || status.size > mostBytes) return undefined;
  const head = await withFile(path, (handle) => readRange(handle, 0, pngSizeBytes, path)).catch(() => undefined);
  const size = head && pngSize(head);
  if (size === undefined || !isShowable(size)) return undefined;
  return { path, bytes: status.size, ...size };
}

/** A small file can claim any size, and whoever shows it must hold all its pixels. */
function isShowable({ width, height }: { width: number; height: number }): boolean {
  return width > 0 && height > 0 && Math.max(width, height) <= longestSide;
}
