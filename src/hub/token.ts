import { homedir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../base/errors.ts';
import { readFileBytes } from '../base/fileBytes.ts';
import { phrase } from '../base/phrase.ts';

/** What opens repositories that are not public. Never logged, never shown, never written anywhere by this room. */
export interface HubToken {
  readonly value: string;
  /** Where it was found, as people know that place. */
  readonly from: string;
}

const longest = 4096;

/**
 * The token of this machine, from the places that the hub's own tools use: `HF_TOKEN`, then the file that `hf auth login` writes.
 * @throws InputError where there is something that cannot be one
 */
export async function findToken(environment: NodeJS.ProcessEnv): Promise<HubToken | undefined> {
  for (const name of ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN']) {
    const value = environment[name]?.trim() ?? '';
    if (value !== '') return { value: checkToken(value, name), from: name };
  }
  const path = tokenFile(environment);
  const bytes = await readFileBytes(path, longest).catch(() => undefined); // without one, public repositories are there all the same
  const value = bytes === undefined ? '' : new TextDecoder().decode(bytes).trim();
  return value === '' ? undefined : { value: checkToken(value, path), from: path };
}

/** @param from where it was found @returns the same token @throws InputError where it cannot stand in a header */
export function checkToken(value: string, from: string): string {
  if (value.length <= longest && /^[\x21-\x7e]+$/.test(value)) return value;
  throw new InputError(phrase`holds no token`, { file: from, remedy: phrase`Put a token there, as the hub's settings show it, or remove it.` });
}

/** As huggingface_hub's constants.py: HF_TOKEN_PATH, else `token` below HF_HOME, else below XDG_CACHE_HOME. */
function tokenFile(environment: NodeJS.ProcessEnv): string {
  const { HF_TOKEN_PATH: path, HF_HOME: home, XDG_CACHE_HOME: cache } = environment;
  if (path !== undefined && path !== '') return path;
  return join(home === undefined || home === '' ? join(cache === undefined || cache === '' ? join(homedir(), '.cache') : cache, 'huggingface') : home, 'token');
}
