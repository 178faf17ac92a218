import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The built-in pipeline that the tests run; `DMI_SCENES` names another export of it. */
export const scenesFolder = resolve(root, process.env.DMI_SCENES ?? 'models/scenes');

/** Path of a golden file written by a script of test/reference. */
export function golden(name: string): string {
  return resolve(root, 'test/reference/goldens', name);
}
