import { realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { InputError } from './errors.ts';
import { phrase, type Phrase } from './phrase.ts';
import { fileError } from './fileBytes.ts';

/**
 * The real path of `path`, given relative to `folder`, links followed.
 * @param remedy what to do where it leaves the folder
 * @throws InputError when it is absolute, holds a NUL, does not exist, or leaves the folder by `..` or by a link
 */
export async function resolveInside(folder: string, path: string, remedy: Phrase = phrase`Put the file inside that folder and name it by a path relative to it.`): Promise<string> {
  if (path.includes('\0')) {
    throw new InputError(phrase`names a file by a text that cannot be a path`, { file: folder, place: JSON.stringify(path), remedy: phrase`Export or download the files again; the name is damaged.` });
  }
  const target = resolve(folder, path);
  if (isAbsolute(path) || !contains(resolve(folder), target)) {
    throw escapes(folder, path, remedy);
  }
  try {
    const [realFolder, realTarget] = await Promise.all([realpath(folder), realpath(target)]);
    if (!contains(realFolder, realTarget)) {
      throw escapes(folder, path, remedy);
    }
    return realTarget;
  } catch (error) {
    throw fileError(error, target);
  }
}

function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function escapes(folder: string, path: string, remedy: Phrase): InputError {
  return new InputError(phrase`leaves the folder ${folder}`, { file: path, remedy });
}
