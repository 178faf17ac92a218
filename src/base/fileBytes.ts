import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { InputError } from './errors.ts';
import { phrase } from './phrase.ts';

/** One read call takes at most this much; larger requests are refused by some systems. */
const chunkBytes = 1 << 30;

/** The error of a system call as people need it. @returns an InputError for what they can mend, else the error itself. */
export function fileError(error: unknown, path: string): unknown {
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new InputError(phrase`no such file`, { file: path, remedy: phrase`Check the path, or restore the file.` });
    case 'EISDIR':
      return new InputError(phrase`is a folder, not a file`, { file: path, remedy: phrase`Name the file inside it.` });
    case 'EACCES':
    case 'EPERM':
      return new InputError(phrase`may not be opened`, { file: path, remedy: phrase`Give yourself the right to read and write it.` });
    case 'ENOSPC':
    case 'EDQUOT':
      return new InputError(phrase`disk full`, { file: path, remedy: phrase`Free space on this disk, or write to another one.` });
    default:
      return error;
  }
}

/** Opening a named pipe waits until somebody writes into it, and holds up all other files meanwhile. Windows, which has none, has no such flag. */
export const doNotWait = process.platform === 'win32' ? 0 : constants.O_NONBLOCK;

/** Open `path` for reading, hand it and its size in bytes to `use`, and close it. @throws InputError when it cannot be opened */
export async function withFile<T>(path: string, use: (handle: FileHandle, size: number) => Promise<T>): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, constants.O_RDONLY | doNotWait);
    const status = await handle.stat();
    if (!status.isFile()) {
      throw new InputError(phrase`is not a file`, { file: path, remedy: phrase`Name a file.` });
    }
    return await use(handle, status.size);
  } catch (error) {
    throw fileError(error, path);
  } finally {
    await handle?.close();
  }
}

/** Bytes [`offset`, `offset + length`) of an open file. @throws InputError when the file ends before that */
export async function readRange(handle: FileHandle, offset: number, length: number, path: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, chunkBytes), offset + done);
    if (bytesRead === 0) {
      throw new InputError(phrase`the file ends too early`, {
        file: path, place: `byte ${offset + done}`, remedy: phrase`The file is truncated: copy or download it again.`,
      });
    }
    done += bytesRead;
  }
  return bytes;
}

/** A whole file. @param maxBytes refuse anything larger before allocating @throws InputError */
export async function readFileBytes(path: string, maxBytes = Infinity): Promise<Uint8Array> {
  return withFile(path, async (handle, size) => {
    if (size > maxBytes) {
      throw new InputError(phrase`has ${size} bytes, more than the ${maxBytes} allowed here`, {
        file: path, remedy: phrase`Check that this is the file you meant.`,
      });
    }
    return readRange(handle, 0, size, path);
  });
}
