import { access, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../base/errors.ts';
import { resolveInside } from '../base/insideFolder.ts';
import type { JsonPath } from './jsonPath.ts';
import { requireSpec, type ParsedSpec } from './parseSpec.ts';

/** Where the things that a spec names lie: absolute, real paths of folders and files that exist. */
export interface SpecFolders {
  /** Of the spec itself; runs are stored below it. */
  readonly spec: string;
  readonly model: string;
  /** Folders that hold SAE folders; none where the spec names none and none lie beside the model. */
  readonly saes: readonly string[];
  readonly judge?: string;
}

/** What `builtin:` may be followed by, and where it lies in the package. */
const builtins: Readonly<Record<string, string>> = { 'builtin:scenes': 'models/scenes' };

/**
 * Find the folders and files that a spec names. Models, SAEs and judges lie below the spec's workspace: the nearest folder above
 * it with `.git` or `package.json`, or else its own. Masks and prompt lists lie below the spec's own folder.
 * @throws InputError when one is missing, or lies outside
 */
export async function resolveFolders(parsed: ParsedSpec): Promise<SpecFolders> {
  const spec = requireSpec(parsed);
  const folder = dirname(resolve(parsed.file));
  const workspace = await workspaceOf(folder);

  async function find(root: string, path: string, place: JsonPath): Promise<string> {
    try {
      return await resolveInside(root, relative(root, resolve(folder, path)));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(`"${path}": ${error.message}`, { file: parsed.file, place: parsed.placeOf(place), remedy: error.remedy });
    }
  }

  async function findFolder(path: string, place: JsonPath, part: string): Promise<string> {
    const found = path.startsWith('builtin:') ? await findBuiltin(path, place, part) : await find(workspace, path, place);
    if ((await stat(found)).isDirectory()) return found;
    throw new InputError(`"${path}" is not a folder`, { file: parsed.file, place: parsed.placeOf(place), remedy: 'Name the folder that holds it.' });
  }

  async function findBuiltin(name: string, place: JsonPath, part: string): Promise<string> {
    const inside = Object.hasOwn(builtins, name) ? await beside(await packageFolder(), join(builtins[name], part)) : undefined;
    if (inside !== undefined) return inside;
    throw new InputError(`there is no ${name}`, {
      file: parsed.file, place: parsed.placeOf(place), remedy: `Write ${Object.keys(builtins).join(' or ')}, or the path of a folder.`,
    });
  }

  const model = await findFolder(spec.model, ['model'], '');
  const ownSaes = spec.saes === undefined ? await beside(model, 'saes') : undefined;
  const saes = spec.saes === undefined
    ? [ownSaes].filter((path) => path !== undefined)
    : await Promise.all(spec.saes.map((path, index) => findFolder(path, ['saes', index], 'saes')));
  const judge = spec.judge === undefined ? await beside(model, 'judge') : await findFolder(spec.judge, ['judge'], 'judge');

  for (const [name, { edits }] of Object.entries(spec.experiments ?? {})) {
    for (const [index, { where }] of edits.entries()) {
      if (typeof where === 'object' && 'mask' in where) {
        await find(folder, where.mask, ['experiments', name, 'edits', index, 'where', 'mask']);
      }
    }
  }
  for (const [name, { prompts }] of Object.entries(spec.studies ?? {})) await find(folder, prompts, ['studies', name, 'prompts']);
  return { spec: folder, model, saes, ...(judge !== undefined && { judge }) };
}

/** The nearest folder at or above `folder` that marks a project. */
async function workspaceOf(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    if (await beside(at, '.git') !== undefined || await beside(at, 'package.json') !== undefined) return at;
    if (at === dirname(at)) return folder;
  }
}

/** The folder that this package is installed in, whether it runs from source or bundled. */
async function packageFolder(): Promise<string> {
  return await workspaceOf(dirname(fileURLToPath(import.meta.url)));
}

async function beside(folder: string, name: string): Promise<string | undefined> {
  const path = join(folder, name);
  try {
    await access(path);
    return path;
  } catch {
    return undefined;
  }
}
