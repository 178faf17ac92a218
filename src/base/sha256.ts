import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileError } from './fileBytes.ts';

/** SHA-256 of a file's content, in hexadecimal; read as a stream. @param onRead told how many bytes have just been read @throws InputError when it cannot be read */
export async function sha256File(path: string, onRead?: (bytes: number) => void): Promise<string> {
  const hash = createHash('sha256');
  try {
    const file = createReadStream(path, { highWaterMark: 1 << 20 });
    if (onRead !== undefined) file.on('data', ({ length }) => { onRead(length); });
    await pipeline(file, hash);
  } catch (error) {
    throw fileError(error, path);
  }
  return hash.digest('hex');
}

/** SHA-256 of a text in UTF-8, in hexadecimal. */
export function sha256Text(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
