import type { Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { InputError } from '../base/errors.ts';
import { fileError } from '../base/fileBytes.ts';
import { phrase } from '../base/phrase.ts';
import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import { startChecksum } from './checksum.ts';
import { ConnectionError, strange } from './hubFaults.ts';
import type { Answer, HubClient } from './hubClient.ts';
import type { PlannedFile } from './repositoryParts.ts';

export interface FetchContext {
  readonly hub: HubClient;
  readonly id: string;
  readonly commit: string;
  readonly signal?: AbortSignal | undefined;
  /** Told how many bytes are there more; fewer where some had to be given up. */
  readonly onBytes?: (change: number) => void;
}

/** Connections that break one after the other without a byte in between. */
const mostFailures = 5;
const readBytes = 2 ** 20;
/** No link is followed where a file is to be. Windows has no such flag, and lets few make links. */
const noLinks = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW;

/**
 * Fetch one content to `path`. It is written beside it as `<path>.part`, from where a broken download left off, and gets its name only when its size and checksum are those that the hub lists.
 * @throws InputError where it is not what the hub lists, for a refusal or a full disk; ConnectionError where nothing comes any more; CancelledError. `<path>.part` stays, but not where its content is wrong
 */
export async function fetchBlob(file: PlannedFile, path: string, context: FetchContext): Promise<void> {
  const part = `${path}.part`;
  const handle = await openPart(part);
  try {
    let filled = await fillPart(handle, file, context);
    if (!filled.fits && filled.from > 0) { // what lay there may be at fault
      context.onBytes?.(-file.size);
      await handle.truncate(0);
      filled = await fillPart(handle, file, context);
    }
    if (filled.fits) {
      await finish(handle, part, path);
      return;
    }
    context.onBytes?.(-file.size);
    await rm(part, { force: true });
    const kind = file.checksum.kind === 'git' ? 'git SHA-1' : 'SHA-256';
    throw new InputError(phrase`what arrived as "${file.path}" is not what the hub lists (${kind} ${file.checksum.hex.slice(0, 12)})`, {
      file: context.hub.endpoint.host, remedy: phrase`Pull again; if it stays so, the mirror or the proxy gives out other files: do not use them, and unset HF_ENDPOINT.`,
    });
  } catch (error) {
    const nothing = await handle.stat().then(({ size }) => size === 0, () => false);
    if (nothing) await rm(part, { force: true }); // there is nothing to go on from
    throw fileError(error, path);
  } finally {
    await handle.close().catch(() => undefined);
  }
}

/** Whether a file's content is what the hub lists. @throws InputError where it cannot be read, CancelledError */
export async function isWhole(path: string, { size, checksum }: Pick<PlannedFile, 'size' | 'checksum'>, signal?: AbortSignal): Promise<boolean> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, constants.O_RDONLY | noLinks);
    const status = await handle.stat();
    if (!status.isFile() || status.size !== size) return false;
    const hash = startChecksum(checksum.kind, size);
    await hashPart(handle, size, hash, signal);
    return hash.digest('hex') === checksum.hex;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw fileError(error, path);
  } finally {
    await handle?.close();
  }
}

async function openPart(part: string): Promise<FileHandle> {
  try {
    return await open(part, constants.O_RDWR | constants.O_CREAT | noLinks);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ELOOP') throw fileError(error, part);
    await rm(part, { force: true });
    return await open(part, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | noLinks);
  }
}

async function finish(handle: FileHandle, part: string, path: string): Promise<void> {
  await handle.sync();
  await handle.close();
  await rename(part, path);
}

/** Load what is missing of a part. @returns whether the whole is right, and from which byte on it was loaded */
async function fillPart(handle: FileHandle, file: PlannedFile, context: FetchContext): Promise<{ fits: boolean; from: number }> {
  const { hub, signal, onBytes } = context;
  const { size: present } = await handle.stat();
  let at = present <= file.size ? present : 0;
  const from = at;
  let hash = startChecksum(file.checksum.kind, file.size);
  await handle.truncate(at);
  await hashPart(handle, at, hash, signal);
  onBytes?.(at);
  for (let failures = 0; at < file.size;) {
    const before = at;
    try {
      const { answer, from: start } = await ask(file, at, context);
      if (start < at) { // a server that knows no ranges begins anew
        onBytes?.(-at);
        at = 0;
        hash = startChecksum(file.checksum.kind, file.size);
        await handle.truncate(0);
      }
      for await (const chunk of answer.chunks()) {
        if (at + chunk.length > file.size) throw strange(phrase`it sends more of ${file.path} than it lists`, hub.endpoint);
        hash.update(chunk);
        await writeAll(handle, chunk, at);
        at += chunk.length;
        onBytes?.(chunk.length);
        throwIfCancelled(signal);
      }
      if (at < file.size) throw new ConnectionError(`${hub.endpoint.host} ends too early`);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      failures = at > before ? 1 : failures + 1;
      if (failures >= mostFailures) throw error;
      await hub.pause(failures - 1, signal);
    }
  }
  return { fits: hash.digest('hex') === file.checksum.hex, from };
}

/** The file's bytes from `at` on, or all of them where the server gives no such part. */
async function ask(file: PlannedFile, at: number, context: FetchContext): Promise<{ readonly answer: Answer; readonly from: number }> {
  const { path, size } = file;
  const { hub, id, commit, signal } = context;
  const url = new URL(`${id}/resolve/${commit}/${path.split('/').map(encodeURIComponent).join('/')}`, hub.endpoint);
  const answer = await hub.get(url, { id, revision: commit }, { headers: at > 0 ? { range: `bytes=${at}-` } : {}, ...(signal && { signal }) });
  if (answer.status === 206 && answer.headers.get('content-range') === `bytes ${at}-${size - 1}/${size}`) return { answer, from: at };
  if (answer.status === 200) return { answer, from: 0 };
  answer.close();
  if (at === 0) throw strange(phrase`it serves another part of ${path} than was asked for`, hub.endpoint);
  return ask(file, 0, context);
}

async function writeAll(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}

async function hashPart(handle: FileHandle, length: number, hash: Hash, signal: AbortSignal | undefined): Promise<void> {
  const buffer = new Uint8Array(Math.min(length, readBytes));
  for (let at = 0; at < length;) {
    throwIfCancelled(signal);
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, length - at), at);
    if (bytesRead === 0) return; // shorter than it was a moment ago: the checksum will say so
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}
