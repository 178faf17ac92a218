import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../base/errors.ts';
import { fileError } from '../base/fileBytes.ts';
import { listFolder } from '../base/listFolder.ts';
import { phrase, type Phrase } from '../base/phrase.ts';
import { rememberedSha256 } from '../base/rememberedSha256.ts';
import { sha256Text } from '../base/sha256.ts';
import { checkpointFormats } from './checkpointFormats.ts';
import type { CheckpointFormat, SaeFiles } from './formats/checkpointFormat.ts';
import type { Checkpoint, Sae } from './sae.ts';
import { readSidecar, sidecarName } from './sidecar.ts';
import type { SaeSidecar } from './sidecar.ts';

/**
 * Every SAE in a folder of SAE folders, or the one SAE that the folder itself is; by site.
 * All weights are read once, so that a damaged file is found here and not in a run.
 * @throws InputError when there is none, or one is malformed, has no sidecar, or stands for the same site as another
 */
export async function loadSaeFolder(folder: string): Promise<Sae[]> {
  const saes: Sae[] = [];
  for (const found of await findSaes(folder)) saes.push(await loadSae(found));
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
  const [{ format, files, folder: own }] = await findSaes(folder);
  return format.read(own, files);
}

interface FoundSae {
  readonly folder: string;
  readonly format: CheckpointFormat;
  readonly files: SaeFiles;
}

async function findSaes(folder: string): Promise<FoundSae[]> {
  await readdir(folder).catch(async (error: unknown) => {
    if (await stat(folder).then((found) => found.isFile(), () => false)) throw new InputError(phrase`is a file, not a folder`, { file: folder, remedy: phrase`Name the folder that it lies in.` });
    throw fileError(error, folder);
  });
  const budget = { folders: mostFolders };
  const saes = await searchSaes(folder, deepest, budget);
  if (saes.length > 0) return saes;
  const pickles = (await listFolder(folder, mostEntries)).filter((entry) => entry.isFile() && entry.name.endsWith('.pt')).length;
  if (pickles > 1) throw new InputError(phrase`holds ${pickles} .pt files side by side`, { file: folder, remedy: phrase`Put each SAE into a folder of its own, so that its sidecar has a place.` });
  throw new InputError(phrase`holds no SAE`, {
    file: folder, remedy: phrase`Name a folder of an SAE, or one of such folders. Formats that are read: ${checkpointFormats.map(({ name }) => name).join('; ')}.`,
  });
}

/** Folders of sites may hold those of seeds, trainers or stages of training. */
const deepest = 3;
const mostFolders = 1024;
/** An SAE's folder holds a handful of files, a folder of SAEs one for each site. */
const mostEntries = 1024;

async function searchSaes(folder: string, depth: number, budget: { folders: number }): Promise<FoundSae[]> {
  if (budget.folders-- <= 0) return [];
  const entries = await listFolder(folder, mostEntries);
  const itself = await recognise(folder, new Set(entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name)));
  if (itself !== undefined) return [itself];
  if (depth === 0) return [];
  const found: FoundSae[] = [];
  const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name).sort();
  for (const name of names) found.push(...await searchSaes(join(folder, name), depth - 1, budget));
  return found;
}

async function recognise(folder: string, names: ReadonlySet<string>): Promise<FoundSae | undefined> {
  if (names.size === 0) return undefined;
  for (const format of checkpointFormats) {
    const files = await format.recognise(folder, names);
    if (files !== undefined) return { folder, format, files };
  }
  return undefined;
}

async function loadSae({ folder, format, files }: FoundSae): Promise<Sae> {
  const checkpoint = await format.read(folder, files);
  await checkpoint.check();
  const sidecar = await readSidecar(folder, checkpoint.n);
  return { ...checkpoint, site: sidecar.site, folder, sidecar, k: tracedLatents(checkpoint, sidecar, folder, files), hash: await hashOf(folder, files) };
}

/** How many latents of a cell are told: k of a TopK SAE, which the sidecar must agree with, else what the sidecar says. */
function tracedLatents({ k, n, nonlinearity }: Checkpoint, sidecar: SaeSidecar, folder: string, { config, weights }: SaeFiles): number {
  const fault = (message: Phrase, remedy: Phrase) => new InputError(message, { file: join(folder, sidecarName), place: '/k', remedy });
  if (nonlinearity === 'topk' && sidecar.k !== k) throw fault(phrase`k ${sidecar.k}, but ${config ?? weights} says ${k}`, phrase`Put the sidecar of this very SAE beside it.`);
  if (sidecar.k > n) throw fault(phrase`k ${sidecar.k} is more than the ${n} latents`, phrase`Put the sidecar of this very SAE beside it.`);
  return sidecar.k;
}

/** The hash that an SAE loaded from this folder would have. @throws InputError when it holds none, or a file of it cannot be read */
export async function hashSae(folder: string): Promise<string> {
  const [{ files }] = await findSaes(folder);
  return hashOf(folder, files);
}

async function hashOf(folder: string, { config, weights }: SaeFiles): Promise<string> {
  const names = [...config === undefined ? [] : [config], weights, sidecarName];
  return sha256Text((await Promise.all(names.map((name) => rememberedSha256(join(folder, name))))).join('\n'));
}

/**
 * Refuse an SAE that was not made for this model and site.
 * @param model its hash, and the channels of each of its sites
 */
export function checkSaeFits(sae: Sae, model: { readonly hash: string; readonly channels: ReadonlyMap<string, number> }): void {
  const channels = model.channels.get(sae.site);
  if (channels === undefined) {
    throw new InputError(phrase`the model has no site ${sae.site}`, {
      file: join(sae.folder, sidecarName), place: '/site', remedy: model.channels.size === 0 ? phrase`None of its blocks can be recognised: see the candidates, and choose among them, with: dmi sites <model folder>.` : phrase`Its sites are ${[...model.channels.keys()].join(', ')}.`,
    });
  }
  if (channels !== sae.d) {
    throw new InputError(phrase`is ${sae.d} wide; ${sae.site} of this model has ${channels} channels`, {
      file: sae.file, place: sae.encoder.wEnc.name ?? 'W_enc', remedy: phrase`Name the SAEs that were trained on this model, or train some: dmi sae train.`,
    });
  }
  if (sae.sidecar.modelHash !== model.hash) {
    throw new InputError(phrase`was trained on another model`, {
      file: join(sae.folder, sidecarName), place: '/modelHash', remedy: phrase`Name the model whose hash begins with ${sae.sidecar.modelHash.slice(0, 12)}. Where this is the same one, exported in another way: dmi sae info FOLDER --model MODEL --write.`,
    });
  }
}
