import { mkdir } from 'node:fs/promises';
import { fileError } from './fileBytes.ts';

/** Make a folder and those above it, where they are missing. @throws InputError on a full disk or a lacking right */
export async function ensureFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw fileError(error, path);
  }
}
