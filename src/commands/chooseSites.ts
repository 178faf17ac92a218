import { closest } from '../base/closest.ts';
import { InputError } from '../base/errors.ts';
import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import { readSites } from '../instrument/readSites.ts';

/**
 * The sites that `--sites` names.
 * @param list names separated by commas, or `all`. @throws InputError for a name that is no site of the model
 */
export async function chooseSites({ components: { unet } }: PipelineFolder, list: string): Promise<string[]> {
  const known = (await readSites(unet.path)).map(({ name }) => name);
  const asked = list === 'all' ? known : list.split(',').map((name) => name.trim()).filter((name) => name !== '');
  for (const name of asked) {
    if (known.includes(name)) continue;
    const near = closest(name, known);
    throw new InputError(`no site ${name}${near === undefined ? '' : `; did you mean ${near}?`}`, {
      file: unet.path, remedy: `Name sites of this model: ${known.join(', ')}.`,
    });
  }
  return asked;
}
