import { join } from 'node:path';
import { readJsonFile } from '../../base/jsonFile.ts';
import { usualSampling, type UsualSampling } from '../../diffusion/usualSampling.ts';

/** No configuration of a pipeline is longer. */
const maxBytes = 2 ** 20;

/** Steps and guidance that suit the pipeline in a folder, whatever of it can be read. */
export async function samplingOf(folder: string): Promise<UsualSampling> {
  const read = (...path: string[]): Promise<unknown> => readJsonFile(join(folder, ...path), { maxBytes, pythonNumbers: true }).catch(() => undefined);
  const [index, scheduler, unet] = await Promise.all([read('model_index.json'), read('scheduler', 'scheduler_config.json'), read('unet', 'config.json')]);
  return usualSampling({ index, scheduler, unet });
}

/** A spec to start from with a model that was just downloaded. @param model as the spec names it */
export function modelSpec(model: string, { steps, guidanceScale, guidanceRescale }: UsualSampling): string {
  const rescale = guidanceRescale === undefined ? '' : `,
    "guidanceRescale": ${guidanceRescale}`;
  return `{
  "dmi": 1,
  "model": ${JSON.stringify(model)},

  "sample": {
    "prompt": "a photograph of an astronaut riding a horse",
    "seeds": [0],
    "steps": ${steps},
    "guidanceScale": ${guidanceScale}${rescale}
  }
}
`;
}
