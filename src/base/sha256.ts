import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { fileError } from './fileBytes.ts';

/** SHA-256 of a file's content, in hexadecimal; read as a stream. @throws InputError when it cannot be read */
export async function sha256File(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  } catch (error) {
    throw fileError(error, path);
  }
  return hash.digest('hex');
}

/** SHA-256 of a text in UTF-8, in hexadecimal. */
export function sha256Text(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
