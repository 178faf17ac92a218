import { createHash } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError } from '../base/fileBytes.ts';
import type { RunManifest } from './runManifest.ts';

/** Puts a new file on the disk for good; tests hand in disks that are full. @throws InputError */
export type WriteFile = (path: string, content: Uint8Array | string) => Promise<void>;

/** More than this in memory goes to the disk at once, so that a full one is noticed in time. */
const mostWaitingBytes = 8 * 2 ** 20;

/** The files of a new folder. Small ones wait in memory, so that the disk does not come between the steps of a run. */
export class FileBatch {
  readonly #folder: string;
  readonly #write: WriteFile;
  readonly #waiting = new Map<string, Uint8Array>();
  #waitingBytes = 0;
  readonly #writes: Promise<void>[] = [];
  /** Size and hash of every file added. */
  readonly files: RunManifest['files'] = {};

  private constructor(folder: string, write: WriteFile) {
    this.#folder = folder;
    this.#write = write;
  }

  /** Make the folder, with one for previews in it. @throws InputError */
  static async create(folder: string, write: WriteFile): Promise<FileBatch> {
    try {
      await mkdir(join(folder, 'previews'), { recursive: true });
    } catch (error) {
      throw fileError(error, folder);
    }
    return new FileBatch(folder, write);
  }

  add(name: string, content: Uint8Array | string): void {
    const bytes = Buffer.from(content);
    this.files[name] = { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    this.#waiting.set(name, bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > mostWaitingBytes) this.#start();
  }

  /** Wait until every file added so far is on the disk. @throws InputError when one could not be written */
  async flushed(): Promise<void> {
    this.#start();
    await Promise.all(this.#writes);
  }

  /** Remove the folder and everything in it. */
  async remove(): Promise<void> {
    await Promise.allSettled(this.#writes);
    await rm(this.#folder, { recursive: true, force: true });
  }

  #start(): void {
    for (const [name, bytes] of this.#waiting) {
      const write = this.#write(join(this.#folder, name), bytes);
      write.catch(() => undefined); // flushed() reports it
      this.#writes.push(write);
    }
    this.#waiting.clear();
    this.#waitingBytes = 0;
  }
}

/** Write a new file and flush it to the disk. */
export const writeDurably: WriteFile = async (path, content) => {
  try {
    const handle = await open(path, 'wx');
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(error, path);
  }
};
