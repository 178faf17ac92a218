import { readRange, withFile } from '../base/fileBytes.ts';
import { phrase } from '../base/phrase.ts';
import { readSafetensorsHeader } from '../base/safetensors.ts';
import type { TensorLocation } from '../base/safetensors.ts';
import type { Branch } from '../concepts/siteTrace.ts';
import { damaged, nameOf, readShapes } from './traceFile.ts';

/** Maps of a few concepts of one site and branch in one run. */
export interface ConceptMaps {
  /** Recorded steps, ascending. */
  readonly steps: readonly number[];
  /** Cells down and across. */
  readonly height: number;
  readonly width: number;
  /** By concept: [steps, cells] row-major, 0 where it is not among the TopK. */
  readonly maps: ReadonlyMap<number, Float32Array>;
}

/**
 * Read some concepts out of a `trace.safetensors`, step by step: no more than one step of one site is in memory at once, and others get their turn in between.
 * @returns undefined where the site and branch were not traced. @throws InputError when the file is damaged
 */
export async function readConceptMaps(path: string, { site, branch, concepts }: { site: string; branch: Branch; concepts: readonly number[] }): Promise<ConceptMaps | undefined> {
  const { layout, metadata } = await readSafetensorsHeader(path);
  const shape = readShapes(metadata, path).find((one) => one.site === site && one.branch === branch);
  if (shape === undefined) return undefined;
  const { height, width, k } = shape;
  const cells = height * width;
  const locate = (name: string, dtype: string): TensorLocation => {
    const location = layout.get(name);
    if (location?.dtype === dtype) return location;
    throw damaged(phrase`is missing or has the wrong type or size`, path, name);
  };
  const stepList = locate('steps', 'I32');
  const count = stepList.length / 4;
  const parts = [locate(nameOf(site, branch, 'indices'), 'I32'), locate(nameOf(site, branch, 'values'), 'F32')];
  for (const { length } of parts) {
    if (length !== count * cells * k * 4) throw damaged(phrase`is missing or has the wrong type or size`, path, site);
  }
  return await withFile(path, async (handle) => {
    const read = async ({ offset }: TensorLocation, from: number, length: number): Promise<ArrayBuffer> =>
      (await readRange(handle, offset + from * 4, length * 4, path)).buffer as ArrayBuffer;
    const maps = new Map(concepts.map((concept) => [concept, new Float32Array(count * cells)]));
    for (let row = 0; row < count; row++) {
      const [indices, values] = await Promise.all(parts.map((part) => read(part, row * cells * k, cells * k)));
      const ids = new Int32Array(indices);
      const strengths = new Float32Array(values);
      for (let entry = 0; entry < ids.length; entry++) {
        const map = maps.get(ids[entry]);
        if (map !== undefined && strengths[entry] > 0 && strengths[entry] < Infinity) map[row * cells + Math.floor(entry / k)] = strengths[entry];
      }
    }
    return { steps: [...new Int32Array(await read(stepList, 0, count))], height, width, maps };
  });
}
