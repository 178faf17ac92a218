import { createHash } from 'node:crypto';
import { closeSync, fsync, openSync, writeFileSync } from 'node:fs';
import { link, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fileError, readFileBytes } from '../base/fileBytes.ts';
import type { RunManifest } from './runManifest.ts';

const flush = promisify(fsync);

/** Puts a new file on the disk for good; tests hand in disks that are full. @throws InputError */
export type WriteFile = (path: string, content: Uint8Array | string) => Promise<void>;

/** The files of a new folder, written side by side with other work. */
export class FileBatch {
  readonly #folder: string;
  readonly #write: WriteFile;
  readonly #writes: Promise<void>[] = [];
  readonly #files = new Map<string, { bytes: number; sha256: string }>();

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

  /** Add a file, whose content may still be in the making. */
  add(name: string, content: Uint8Array | string | Promise<Uint8Array>): void {
    this.#begin(this.#store(name, content));
  }

  /** Add a file that equals one of a finished run, which never changes: as a second name of it, or as a copy where the disk has no second names. */
  share(name: string, from: string): void {
    this.#begin(this.#shareFile(name, from));
  }

  /** Wait until every file added so far is on the disk. @throws InputError when one could not be written */
  async flushed(): Promise<void> {
    await Promise.all(this.#writes);
  }

  /** Remove the folder and everything in it. */
  async remove(): Promise<void> {
    await Promise.allSettled(this.#writes);
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Size and hash of every file written so far, by name. */
  files(): RunManifest['files'] {
    return Object.fromEntries([...this.#files].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #begin(write: Promise<void>): void {
    write.catch(() => undefined); // flushed() reports it
    this.#writes.push(write);
  }

  async #shareFile(name: string, from: string): Promise<void> {
    const bytes = await readFileBytes(from);
    const shared = await link(from, join(this.#folder, name)).then(() => true, () => false);
    if (shared) this.#note(name, bytes);
    else await this.#store(name, bytes);
  }

  async #store(name: string, content: Uint8Array | string | Promise<Uint8Array>): Promise<void> {
    const made = await content;
    const bytes = typeof made === 'string' ? Buffer.from(made) : made;
    const written = this.#write(join(this.#folder, name), bytes);
    this.#note(name, bytes); // hashed while the disk is at work
    await written;
  }

  #note(name: string, bytes: Uint8Array): void {
    this.#files.set(name, { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  }
}

/**
 * Write a new file and flush it to the disk. What only fills the system's buffers is done at once; the flush waits for the disk on another thread, also while ONNX Runtime holds this one: a file is
 * on its way before the next step begins.
 */
export const writeDurably: WriteFile = async (path, content) => {
  try {
    const file = openSync(path, 'wx');
    try {
      writeFileSync(file, content);
      await flush(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw fileError(error, path);
  }
};
