import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { writeFileAtomic } from '../../base/atomicFile.ts';
import { hasShape } from '../../base/checkShape.ts';
import { ensureFolder } from '../../base/ensureFolder.ts';
import { InputError } from '../../base/errors.ts';
import { readJsonFile } from '../../base/jsonFile.ts';
import { isAlive, ownIdentity, ProcessIdentity } from '../../base/processIdentity.ts';
import { trialPrefix } from './trialPrefix.ts';

const UseMark = Type.Object({
  format: Type.Literal(1),
  /** Model, machine and so on, as of trials. */
  of: Type.String(),
  provider: Type.String(),
  process: ProcessIdentity,
  /** How the process ended, where that was a crash for certain. */
  crashed: Type.Optional(Type.String()),
});
type UseMark = Static<typeof UseMark>;

/** A use that its process did not come to the end of. */
type EndedUse = Pick<UseMark, 'provider' | 'crashed'>;

const infix = 'in-use-';

function pathOf(cacheFolder: string, { host, pid }: Pick<ProcessIdentity, 'host' | 'pid'>): string {
  return join(cacheFolder, `${trialPrefix}${infix}${host}-${pid}.json`);
}

/**
 * Note that a process computes with a provider. Native code may take the process along, and then nobody is left to say so; but the note stays.
 * @param who left out: this one. @returns removes it. Where nothing can be written, nothing is noted
 */
export async function beginUse(cacheFolder: string, of: string, provider: string, who?: ProcessIdentity): Promise<() => Promise<void>> {
  const process = who ?? await ownIdentity();
  const path = pathOf(cacheFolder, process);
  const mark: UseMark = { format: 1, of, provider, process };
  try {
    await ensureFolder(cacheFolder);
    await writeFileAtomic(path, JSON.stringify(mark));
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return () => Promise.resolve();
  }
  return async () => { await removed(path); };
}

/** Uses of a provider whose processes are gone; their notes are taken away. */
export async function takeEndedUses(cacheFolder: string, of: string): Promise<EndedUse[]> {
  const names = (await readdir(cacheFolder).catch((): string[] => [])).filter((name) => name.startsWith(trialPrefix + infix));
  const ended: EndedUse[] = [];
  for (const name of names) {
    const mark = await readMark(join(cacheFolder, name));
    if (mark?.of !== of || (mark.crashed === undefined && await isAlive(mark.process))) continue;
    // One that cannot be taken away would count at every look.
    if (await removed(join(cacheFolder, name))) ended.push(mark);
  }
  return ended;
}

/**
 * What the parent of a process knows of its end: a crash is noted; where it was killed, the provider is not at fault.
 * @param crashed how; undefined where it did not crash
 * @returns the provider that it computed with when it ended; undefined where it was none but the CPU
 */
export async function noteEnd(cacheFolder: string, pid: number, crashed: string | undefined): Promise<string | undefined> {
  const path = pathOf(cacheFolder, { host: (await ownIdentity()).host, pid });
  const mark = await readMark(path);
  if (mark === undefined) return undefined;
  if (crashed === undefined) await removed(path);
  else await writeFileAtomic(path, JSON.stringify({ ...mark, crashed }));
  return mark.provider;
}

/** Whether a note is gone. */
async function removed(path: string): Promise<boolean> {
  return rm(path, { force: true }).then(() => true, () => false); // a disk that has become read-only
}

async function readMark(path: string): Promise<UseMark | undefined> {
  const value = await readJsonFile(path).catch(() => undefined); // missing, or no longer whole
  return hasShape(UseMark, value) ? value : undefined;
}
