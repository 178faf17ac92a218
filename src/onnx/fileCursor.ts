import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { WireType } from '@bufbuild/protobuf/wire';
import { InputError } from '../base/errors.ts';
import { doNotWait } from '../base/fileBytes.ts';
import { phrase } from '../base/phrase.ts';

const windowBytes = 1 << 16;

/** By their number; 6 and 7 do not exist. */
const wireTypes = [
  WireType.Varint, WireType.Bit64, WireType.LengthDelimited, WireType.StartGroup, WireType.EndGroup, WireType.Bit32,
];

/**
 * Walks a protobuf file at wire level through a small window: what is skipped is never read. Synchronous, because a large model has
 * thousands of small fields and the system's cache answers each in microseconds.
 */
export class FileCursor {
  /** Position of the next byte, from the start of the file. */
  position = 0;
  readonly #handle: number;
  readonly #size: number;
  readonly #file: string;
  readonly #window = new Uint8Array(windowBytes);
  #windowStart = 0;
  #windowLength = 0;

  private constructor(handle: number, size: number, file: string) {
    this.#handle = handle;
    this.#size = size;
    this.#file = file;
  }

  /** @param path names the file in errors, too @throws InputError when it is no file, or a system error when it cannot be opened */
  static open(path: string): FileCursor {
    const handle = openSync(path, constants.O_RDONLY | doNotWait);
    const status = fstatSync(handle);
    if (!status.isFile()) {
      closeSync(handle);
      throw status.isDirectory()
        ? new InputError(phrase`is a folder, not a file`, { file: path, remedy: phrase`Name the file inside it.` })
        : new InputError(phrase`is not a file`, { file: path, remedy: phrase`Name a file.` });
    }
    return new FileCursor(handle, status.size, path);
  }

  /** Bytes of the file. */
  get size(): number {
    return this.#size;
  }

  close(): void {
    closeSync(this.#handle);
  }

  /** The fields of a message that ends at `end`: after each the caller reads or skips its value. */
  *fields(end: number): Generator<[field: number, type: WireType]> {
    while (this.position < end) {
      const tag = this.varint();
      // protobuf's own readers cut a tag to 32 bits, and would see another field than we do.
      if (tag < 0 || tag >= 2 ** 32) throw this.malformed('a field has a number that does not occur in ONNX');
      yield [Math.floor(tag / 8), wireTypes[tag & 7]];
      if (this.position > end) {
        throw this.malformed('a field reaches beyond its message');
      }
    }
  }

  /** An unsigned number; what is negative or beyond 2^53 reads as -1. */
  varint(): number {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) {
        return Number.isSafeInteger(value) ? value : -1;
      }
    }
    throw this.malformed('a number has no end');
  }

  /** Read the length of the field that begins here. @param limit where the message around it ends @returns where the field ends */
  enter(limit: number): number {
    const length = this.varint();
    if (length < 0 || length > limit - this.position) {
      throw this.malformed(`a field of ${length} bytes does not fit before byte ${limit}`);
    }
    return this.position + length;
  }

  /** Skip a field's value. @param limit where the message around it ends */
  skip(type: WireType, limit: number): void {
    switch (type) {
      case WireType.Varint: this.varint(); break;
      case WireType.Bit64: this.position += 8; break;
      case WireType.Bit32: this.position += 4; break;
      case WireType.LengthDelimited: this.position = this.enter(limit); break;
      default: throw this.malformed('a field has a type that does not occur in ONNX');
    }
  }

  /** A copy of the bytes from `start` to `end`, which lie inside the file; the cursor moves to `end`. */
  bytes(start: number, end: number): Uint8Array {
    const bytes = new Uint8Array(end - start);
    for (let done = 0; done < bytes.length;) {
      done += this.#read(bytes.subarray(done), start + done);
    }
    this.position = end;
    return bytes;
  }

  /** An error at the present position. */
  malformed(message: string): InputError {
    return new InputError(phrase`is not a valid ONNX model: ${message}`, {
      file: this.#file,
      place: `byte ${this.position}`,
      remedy: phrase`The file is damaged or truncated: export or download it again (a Git LFS pointer needs "git lfs pull").`,
    });
  }

  #byte(): number {
    let offset = this.position - this.#windowStart;
    if (offset < 0 || offset >= this.#windowLength) {
      this.#windowLength = this.#read(this.#window, this.position);
      this.#windowStart = this.position;
      offset = 0;
    }
    this.position++;
    return this.#window[offset];
  }

  #read(target: Uint8Array, position: number): number {
    const count = position < this.#size ? readSync(this.#handle, target, 0, Math.min(target.length, 1 << 30), position) : 0;
    if (count === 0) {
      throw this.malformed(`the file ends at byte ${this.#size}`);
    }
    return count;
  }
}
