import { lstat, readdir, realpath, rmdir, statfs } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '../base/errors.ts';
import { fileError } from '../base/fileBytes.ts';
import { phrase } from '../base/phrase.ts';
import { isWhole } from './fetchBlob.ts';
import type { PullPlan } from './planPull.ts';
import { readManifest } from './pullManifest.ts';

/** Left free besides what is fetched, so that the disk is not full to the last byte. */
const margin = 64 * 2 ** 20;

/** Where a folder really lies, links among those above it followed; itself it need not be there. @throws InputError */
export async function realTarget(folder: string): Promise<string> {
  const path = resolve(folder);
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || path === dirname(path)) throw fileError(error, path);
    return join(await realTarget(dirname(path)), basename(path));
  }
}

/**
 * Whether a folder holds already what a plan would fetch, each file with its checksum.
 * @returns false where it is not there yet, or empty @throws InputError where it holds anything else: nothing is ever overwritten
 */
export async function holdsPlan(target: string, plan: PullPlan, signal?: AbortSignal): Promise<boolean> {
  const entries = await readdir(target).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? occupied(target, undefined) : fileError(error, target);
  });
  if (entries.length === 0) return false;
  const manifest = await readManifest(target);
  if (manifest?.id !== plan.id || manifest.commit !== plan.commit) throw occupied(target, manifest?.id);
  for (const file of plan.files) {
    if (!await isWhole(join(target, file.to), file, signal)) {
      throw new InputError(phrase`"${file.to}" is missing or has been changed since it was pulled`, { file: target, remedy: phrase`Choose another folder (--to), or delete this one, and download again.` });
    }
  }
  return true;
}

/** An empty folder makes room for the one that is moved to its place; some systems would not replace it. */
export async function makeRoom(target: string): Promise<void> {
  await rmdir(target).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fileError(error, target);
  });
}

/** @param folder an existing one on the disk in question @param needed bytes still to be written @throws InputError where they do not fit */
export async function checkSpace(folder: string, needed: number): Promise<void> {
  const free = await statfs(folder, { bigint: true }).then(({ bavail, bsize }) => Number(bavail * bsize), () => Infinity); // some systems do not tell
  if (free >= needed + margin) return;
  throw new InputError(phrase`${Math.ceil((needed + margin - free) / 1e6)} MB more are needed than this disk has free`, { file: folder, remedy: phrase`Free space on this disk, or write to another one.` });
}

/** @throws InputError where something else than a folder stands in the way */
export async function checkRealFolder(path: string): Promise<void> {
  const status = await lstat(path).catch(() => undefined);
  if (status?.isDirectory() !== true) throw new InputError(phrase`is not a folder`, { file: path, remedy: phrase`Delete it, and download again.` });
}

/** Names of what a pull keeps in its working folder until it is complete. */
export function isOwnPart(name: string): boolean {
  return name === 'tree' || /^(?:sha256|git)-[0-9a-f]+-\d+(?:\.part)?$/.test(name);
}

/** @throws InputError where a working folder holds what no pull has put there: it is emptied in the end */
export async function checkOwn(work: string): Promise<void> {
  const other = (await readdir(work)).find((name) => !isOwnPart(name) && !name.startsWith('pull.lock'));
  if (other !== undefined) throw new InputError(phrase`holds "${other}", which is no part of a download`, { file: work, remedy: phrase`Move it elsewhere, or choose another folder (--to).` });
}

function occupied(target: string, id: string | undefined): InputError {
  return new InputError(id === undefined ? phrase`holds something else already` : phrase`holds another commit or file list of ${id} already`, {
    file: target, remedy: phrase`Choose another folder (--to), or delete this one, and download again.`,
  });
}
