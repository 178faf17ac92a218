import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as Type from 'typebox';
import { checkShape } from '../../src/base/checkShape.ts';
import { readSafetensors } from '../../src/base/safetensors.ts';
import type { GenerationRequest } from '../../src/diffusion/generation.ts';
import { golden } from './scenes.ts';
import { temporaryFolder } from './temporaryFolder.ts';

const root = fileURLToPath(new URL('../reference/exports/', import.meta.url));

const shape = Type.Object({
  sites: Type.Array(Type.String()),
  requests: Type.Array(Type.Object({
    prompt: Type.String(), negativePrompt: Type.String(), seed: Type.Number(), steps: Type.Number(), guidanceScale: Type.Number(), scheduler: Type.String(),
  })),
});

/** The folder of an export made by `test/reference/exports.py`. */
export function exportFolder(name: string): string {
  return join(root, name);
}

/** A whole pipeline with what is particular to an export; its other parts are those of another one. */
export async function withRestOfPipeline(name: string, rest = 'sd1-optimum'): Promise<string> {
  const folder = await temporaryFolder();
  await cp(exportFolder(rest), folder, { recursive: true });
  await cp(exportFolder(name), folder, { recursive: true });
  return folder;
}

/** What PyTorch computed with an export's pipeline. */
export async function exportGoldens(name: string): Promise<{
  readonly sites: readonly string[];
  readonly requests: readonly GenerationRequest[];
  /** `latents`, `picture`, or a site: its updates [steps, rows, channels, height, width], of large grids every eighth cell in both directions. */
  tensor(request: number, part: string): { readonly shape: readonly number[]; readonly data: ArrayLike<number> };
}> {
  const file = golden(`exports/${name}.safetensors`);
  const { tensors, metadata } = await readSafetensors(file);
  const { sites, requests } = checkShape(shape, JSON.parse(metadata.golden), file, 'Run python test/reference/exports.py again.');
  return {
    sites, requests: requests as GenerationRequest[],
    tensor: (request, part) => {
      const tensor = tensors.get(`${request}/${part}`);
      if (tensor === undefined) throw new Error(`${file} has no ${request}/${part}`);
      return { shape: tensor.shape, data: tensor.data as Float32Array };
    },
  };
}
