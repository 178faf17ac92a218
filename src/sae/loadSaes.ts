import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { fileError } from '../base/fileBytes.ts';
import { sha256File, sha256Text } from '../base/sha256.ts';
import type { CheckpointFormat } from './formats/checkpointFormat.ts';
import { saelens } from './formats/saelens.ts';
import type { Checkpoint, Sae } from './sae.ts';
import { readSidecar, sidecarName } from './sidecar.ts';

const formats: readonly CheckpointFormat[] = [saelens];

/**
 * Every SAE in a folder of SAE folders, or the one SAE that the folder itself is; by site.
 * All weights are read once, so that a damaged file is found here and not in a run.
 * @throws InputError when there is none, or one is malformed, has no sidecar, or stands for the same site as another
 */
export async function loadSaeFolder(folder: string): Promise<Sae[]> {
  const saes: Sae[] = [];
  for (const { folder: found, format } of await findSaes(folder)) saes.push(await loadSae(found, format));
  saes.sort((a, b) => (a.site < b.site ? -1 : 1));
  const twin = saes.find(({ site }, index) => site === saes[index - 1]?.site);
  if (twin !== undefined) {
    throw new InputError(phrase`a second SAE for the site ${twin.site}`, { file: join(twin.folder, sidecarName), place: '/site', remedy: phrase`Keep one SAE per site in a folder.` });
  }
  return saes;
}

/** The folders of SAEs in a folder of them, or the folder itself. @throws InputError when there is none */
export async function saeFolders(folder: string): Promise<string[]> {
  return (await findSaes(folder)).map((found) => found.folder);
}

/** What an SAE's configuration and the header of its weights say. @throws InputError when they are missing, malformed or at odds */
export async function describeCheckpoint(folder: string): Promise<Checkpoint> {
  const [{ format }] = await findSaes(folder);
  return format.read(folder);
}

async function findSaes(folder: string): Promise<{ folder: string; format: CheckpointFormat }[]> {
  const itself = await formatOf(folder);
  if (itself !== undefined) return [{ folder, format: itself }];
  const candidates = (await subfolders(folder)).map((name) => join(folder, name));
  const found = await Promise.all(candidates.map(async (candidate) => ({ folder: candidate, format: await formatOf(candidate) })));
  const saes = found.flatMap(({ folder: candidate, format }) => (format === undefined ? [] : [{ folder: candidate, format }]));
  if (saes.length > 0) return saes;
  throw new InputError(phrase`holds no SAE`, {
    file: folder, remedy: phrase`Name a folder of SAE folders, each with ${formats.map(({ configFile, weightsFile }) => `${configFile} and ${weightsFile}`).join(', or ')}.`,
  });
}

/** A format is recognised by either of its files, so that a lost one is reported as missing. */
async function formatOf(folder: string): Promise<CheckpointFormat | undefined> {
  for (const format of formats) {
    const found = await Promise.all([format.configFile, format.weightsFile].map((name) => stat(join(folder, name)).then(() => true, () => false)));
    if (found.includes(true)) return format;
  }
  return undefined;
}

async function subfolders(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name).sort();
  } catch (error) {
    throw fileError(error, folder);
  }
}

async function loadSae(folder: string, format: CheckpointFormat): Promise<Sae> {
  const checkpoint = await format.read(folder);
  await checkpoint.weights(); // every number is finite
  const sidecar = await readSidecar(folder, checkpoint.n);
  if (sidecar.k !== checkpoint.k) {
    throw new InputError(phrase`k ${sidecar.k}, but ${format.configFile} says ${checkpoint.k}`, {
      file: join(folder, sidecarName), place: '/k', remedy: phrase`Put the sidecar of this very SAE beside it.`,
    });
  }
  return { ...checkpoint, site: sidecar.site, folder, sidecar, hash: await hashOf(folder, format) };
}

/** The hash that an SAE loaded from this folder would have. @throws InputError when it holds none, or a file of it cannot be read */
export async function hashSae(folder: string): Promise<string> {
  const [{ format }] = await findSaes(folder);
  return hashOf(folder, format);
}

async function hashOf(folder: string, format: CheckpointFormat): Promise<string> {
  const names = [format.configFile, format.weightsFile, sidecarName];
  return sha256Text((await Promise.all(names.map((name) => sha256File(join(folder, name))))).join('\n'));
}

/**
 * Refuse an SAE that was not made for this model and site.
 * @param model its hash, and the channels of each of its sites
 */
export function checkSaeFits(sae: Sae, model: { readonly hash: string; readonly channels: ReadonlyMap<string, number> }): void {
  const channels = model.channels.get(sae.site);
  if (channels === undefined) {
    throw new InputError(phrase`the model has no site ${sae.site}`, {
      file: join(sae.folder, sidecarName), place: '/site', remedy: phrase`Its sites are ${[...model.channels.keys()].join(', ')}.`,
    });
  }
  if (channels !== sae.d) {
    throw new InputError(phrase`is ${sae.d} wide; ${sae.site} of this model has ${channels} channels`, {
      file: sae.file, place: 'W_enc', remedy: phrase`Name the SAEs that were trained on this model, or train some: dmi sae train.`,
    });
  }
  if (sae.sidecar.modelHash !== model.hash) {
    throw new InputError(phrase`was trained on another model`, {
      file: join(sae.folder, sidecarName), place: '/modelHash', remedy: phrase`Train SAEs on this model (dmi sae train), or use the model whose hash begins with ${sae.sidecar.modelHash.slice(0, 12)}.`,
    });
  }
}
