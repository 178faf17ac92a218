import { mkdtemp, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileError, readRange } from '../base/fileBytes.ts';
import { bytesOf } from '../base/tensor.ts';

/** Arrays that are looked at a second time, in their order, and would be too many for memory: they lie in a file of the system's temporary folder until it is closed. */
export class ArraySpool {
  readonly #folder: string;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #lengths: number[] = [];
  #bytes = 0;

  private constructor(folder: string, path: string, file: FileHandle) {
    this.#folder = folder;
    this.#path = path;
    this.#file = file;
  }

  /** @throws InputError where no file can be made */
  static async open(): Promise<ArraySpool> {
    const folder = await mkdtemp(join(tmpdir(), 'dmi-spool-')).catch((error: unknown) => { throw fileError(error, tmpdir()); });
    const path = join(folder, 'arrays');
    return new ArraySpool(folder, path, await open(path, 'wx+'));
  }

  /** @throws InputError on a full disk */
  async add(values: Float32Array): Promise<void> {
    const bytes = bytesOf(values);
    try {
      for (let done = 0; done < bytes.length;) done += (await this.#file.write(bytes, done, bytes.length - done, this.#bytes + done)).bytesWritten;
    } catch (error) {
      throw fileError(error, this.#path);
    }
    this.#lengths.push(values.length);
    this.#bytes += bytes.length;
  }

  /** All that were added, one at a time. */
  async* all(): AsyncGenerator<Float32Array> {
    let offset = 0;
    for (const length of this.#lengths) {
      const bytes = await readRange(this.#file, offset, length * Float32Array.BYTES_PER_ELEMENT, this.#path);
      offset += bytes.length;
      yield new Float32Array(bytes.buffer, bytes.byteOffset, length);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
