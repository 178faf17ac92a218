import type { Static, TSchema } from 'typebox';
import { checkShape } from '../base/checkShape.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import { resolveInside } from '../base/insideFolder.ts';
import { phrase } from '../base/phrase.ts';

/** A configuration has a few kilobytes. */
const usualMaxBytes = 2 ** 20;

/** A configuration file of a pipeline and what it says. */
export interface ComponentConfig<T> {
  readonly path: string;
  readonly values: T;
}

/**
 * Read one of a pipeline's JSON files, by the keys we use; others may stand beside them.
 * @param relative its path inside the pipeline's folder.
 * @throws InputError when it is missing, malformed, outside the folder, or a key has the wrong type.
 */
export async function readComponentConfig<T extends TSchema>(folder: string, relative: string, schema: T, { maxBytes = usualMaxBytes } = {}): Promise<ComponentConfig<Static<T>>> {
  const path = await resolveInside(folder, relative);
  const values = checkShape(schema, await readJsonFile(path, { maxBytes, pythonNumbers: true }), path, phrase`Restore this file from the pipeline it came with, or export the pipeline again.`);
  return { path, values };
}
