import { createHash } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { InputError } from '../base/errors.ts';
import type { Mask } from '../spec/areaAverage.ts';
import { FileFinder } from '../spec/fileFinder.ts';
import type { JsonPath } from '../spec/jsonPath.ts';
import { namedFiles } from '../spec/namedFiles.ts';
import type { ParsedSpec } from '../spec/parseSpec.ts';
import { readMask } from '../spec/readMask.ts';

/** The masks that a spec names. */
export interface SpecMasks {
  /** Hash of a mask's pixels, by its path as the spec writes it. */
  readonly hashes: ReadonlyMap<string, string>;
  /** By hash. */
  readonly masks: ReadonlyMap<string, Mask>;
}

/**
 * Read the masks that a spec names, also those that only a sweep names.
 * @param isWanted whether the masks named at a place are read; left out: all. @throws InputError at the place that names a file that is missing, lies outside or is no PNG
 */
export async function readMasks(parsed: ParsedSpec, isWanted: (place: JsonPath) => boolean = () => true): Promise<SpecMasks> {
  const hashes = new Map<string, string>();
  const masks = new Map<string, Mask>();
  const finder = new FileFinder(parsed.file, dirname(resolve(parsed.file)));
  for (const file of parsed.tree === undefined ? [] : namedFiles(parsed.tree)) {
    if (file.kind !== 'mask' || hashes.has(file.text) || !isWanted(file.path)) continue;
    try {
      const mask = await readMask(await finder.find(file));
      const hash = hashOf(mask);
      hashes.set(file.text, hash);
      masks.set(hash, mask);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(error.message, { file: error.file, remedy: error.remedy, place: parsed.placeOf(file.path) });
    }
  }
  return { hashes, masks };
}

/** Of the pixels alone: how a PNG stores them changes nothing. */
function hashOf({ width, height, data }: Mask): string {
  return createHash('sha256').update(`${width}x${height}\n`).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).digest('hex');
}
