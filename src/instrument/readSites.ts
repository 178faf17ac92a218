import { recentIndex } from '../onnx/recentIndex.ts';
import type { ModelIndex } from '../onnx/modelIndex.ts';
import { checkInstrumentable } from './checkInstrumentable.ts';
import { readChoice } from './siteChoice.ts';
import { findSites } from './sites.ts';
import type { Site } from './sites.ts';

/** The sites of a U-Net on disk, what was chosen by hand among them. @throws InputError as `findSites`, or at a model that cannot be looked into at all, saying why */
export async function readSites(path: string): Promise<Site[]> {
  const index = await recentIndex(path);
  checkInstrumentable(index, false);
  return sitesOf(index);
}

/** The same of a model whose index is known. @throws InputError as `findSites` */
export async function sitesOf(index: ModelIndex): Promise<Site[]> {
  return findSites(index, await readChoice(index));
}
