import { access, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closest } from '../base/closest.ts';
import { InputError } from '../base/errors.ts';
import { phrase, type Phrase } from '../base/phrase.ts';
import { resolveInside } from '../base/insideFolder.ts';
import type { NamedFile } from './namedFiles.ts';

/** What `builtin:` may be followed by, and where it lies in the package. */
const builtins: Readonly<Record<string, string>> = { 'builtin:scenes': 'models/scenes' };

/** Names that a spec may write in place of a path. */
export const builtinNames: readonly string[] = Object.keys(builtins);

const outsideWorkspace = phrase`Put it inside that folder, not only a link to it. That folder is the workspace: the nearest one above the spec with .git or package.json, else the spec's own. One of these in a folder above both makes that one the workspace.`;

type Wanted = Pick<NamedFile, 'kind' | 'text'>;

/**
 * Finds the folders and files that a spec names. Models, SAEs and judges lie below the spec's workspace: the nearest folder above
 * it with `.git` or `package.json`, or else its own. Masks and prompt lists lie below the spec's own folder.
 */
export class FileFinder {
  readonly #file: string;
  readonly #folder: string | undefined;
  #workspace: Promise<string> | undefined;

  /** @param file the spec as its user knows it. @param folder where it lies; undefined where it lies nowhere yet: then only what is built in is found */
  constructor(file: string, folder: string | undefined) {
    this.#file = file;
    this.#folder = folder;
  }

  /** The absolute, real path of what is named. @throws InputError when it is missing, lies outside, or is a file in place of a folder */
  async find({ kind, text }: Wanted): Promise<string> {
    if (kind === 'mask' || kind === 'prompts') return await this.#inside(this.#folder, text);
    const found = text.startsWith('builtin:') ? await this.#builtin(text, kind) : await this.#inside(await this.#root(), text, outsideWorkspace);
    if ((await stat(found)).isDirectory()) return found;
    throw this.#fault(phrase`"${text}" is not a folder`, phrase`Name the folder that holds it.`);
  }

  /** What was most likely meant by a name that is not found: a built-in one, or one in the same folder. */
  async suggest({ kind, text }: Wanted): Promise<string | undefined> {
    if (text.startsWith('builtin:') || this.#folder === undefined) return closest(text, builtinNames);
    const folder = dirname(resolve(this.#folder, text));
    const wantsFolder = kind !== 'mask' && kind !== 'prompts';
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const near = closest(basename(text), entries.filter((entry) => entry.isDirectory() === wantsFolder && !entry.name.startsWith('.')).map(({ name }) => name));
    if (near === undefined) return undefined;
    const suggestion = `${text.slice(0, text.length - basename(text).length)}${near}`;
    return await this.find({ kind, text: suggestion }).then(() => suggestion, () => undefined);
  }

  async #inside(root: string | undefined, text: string, remedy?: Phrase): Promise<string> {
    if (root === undefined || this.#folder === undefined) throw this.#fault(phrase`"${text}" lies nowhere: the spec has no folder`, phrase`Save the spec first.`);
    try {
      return await resolveInside(root, relative(root, resolve(this.#folder, text)), remedy);
    } catch (error) {
      throw error instanceof InputError ? this.#fault(phrase`"${text}": ${error.phrases.message}`, error.phrases.remedy) : error;
    }
  }

  async #builtin(name: string, kind: Wanted['kind']): Promise<string> {
    const part = kind === 'saes' || kind === 'judge' ? kind : '';
    const inside = Object.hasOwn(builtins, name) ? await fileIn(await packageFolder(), join(builtins[name], part)) : undefined;
    if (inside !== undefined) return inside;
    throw this.#fault(phrase`there is no ${name}`, phrase`Write ${builtinNames.join(' or ')}, or the path of a folder.`);
  }

  async #root(): Promise<string | undefined> {
    return this.#folder === undefined ? undefined : await (this.#workspace ??= workspaceOf(this.#folder));
  }

  #fault(message: Phrase, remedy: Phrase): InputError {
    return new InputError(message, { file: this.#file, remedy });
  }
}

/** The nearest folder at or above `folder` that marks a project. */
async function workspaceOf(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    if (await fileIn(at, '.git') !== undefined || await fileIn(at, 'package.json') !== undefined) return at;
    if (at === dirname(at)) return folder;
  }
}

/** The folder that this package is installed in, whether it runs from source or bundled. */
async function packageFolder(): Promise<string> {
  return await workspaceOf(dirname(fileURLToPath(import.meta.url)));
}

/** The path of a file or folder in `folder`, when it is there. */
export async function fileIn(folder: string, name: string): Promise<string | undefined> {
  const path = join(folder, name);
  try {
    await access(path);
    return path;
  } catch {
    return undefined;
  }
}
