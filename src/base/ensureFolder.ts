import { mkdir } from 'node:fs/promises';
import { InputError } from './errors.ts';
import { fileError } from './fileBytes.ts';
import { phrase } from './phrase.ts';

/** Make a folder and those above it, where they are missing. @throws InputError on a full disk, a lacking right, or where a file stands in the way */
export async function ensureFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || code === 'ENOTDIR') throw new InputError(phrase`cannot become a folder: a file stands in the way`, { file: path, remedy: phrase`Name another folder, or move the file.` });
    throw fileError(error, path);
  }
}
