import { join } from 'node:path';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { readFileBytes } from '../base/fileBytes.ts';
import type { RgbImage } from '../diffusion/png.ts';
import type { StoredRun } from '../experiment/runStore.ts';

/** Pictures of unedited runs that are kept: each is compared with many others. */
const mostKept = 64;

/** Reads what runs ended in. */
export class RunPictures {
  readonly #kept = new Map<string, Promise<RgbImage>>();

  /** The picture of a run; the same object again while it is kept. @throws InputError when it is damaged */
  async kept({ folder }: StoredRun): Promise<RgbImage> {
    const known = this.#kept.get(folder) ?? readPicture(folder);
    this.#kept.delete(folder);
    this.#kept.set(folder, known);
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > mostKept && oldest.done !== true) this.#kept.delete(oldest.value);
    return await known;
  }

  /** The picture of a run. @throws InputError when it is damaged */
  async once({ folder }: StoredRun): Promise<RgbImage> {
    return await (this.#kept.get(folder) ?? readPicture(folder));
  }
}

async function readPicture(folder: string): Promise<RgbImage> {
  const path = join(folder, 'image.png');
  const bytes = await readFileBytes(path);
  const { decode } = await import('fast-png');
  try {
    const { width, height, data, channels, depth } = decode(bytes);
    if (channels === 3 && depth === 8) return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  } catch {
    // told below
  }
  throw new InputError(phrase`is not the picture of a run`, { file: path, remedy: phrase`Delete this run folder; the next run computes it again.` });
}
