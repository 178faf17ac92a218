import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as Type from 'typebox';
import { writeFileAtomic } from './atomicFile.ts';
import { hasShape } from './checkShape.ts';
import { ensureFolder } from './ensureFolder.ts';
import { InputError } from './errors.ts';
import { fileStamps } from './fileStamps.ts';
import { readJsonFile } from './jsonFile.ts';
import { sha256File, sha256Text } from './sha256.ts';

/** Smaller files are read faster than anything could be remembered about them. */
const worthRemembering = 16 * 2 ** 20;

/** A file that was changed less than this before it was read could be changed again without another time on it. */
const settledMs = 2000;

/** Files whose hashes are kept; the one known longest is forgotten. */
const most = 256;

const Memory = Type.Object({ format: Type.Literal(1), hashes: Type.Array(Type.Tuple([Type.String(), Type.String({ pattern: '^[0-9a-f]{64}$' })])) });
type Known = Type.Static<typeof Memory>['hashes'];

/**
 * SHA-256 of a file's content, in hexadecimal. Weights are gigabytes: of a large file it is taken once, and again when its time, size, number or place has changed.
 * @param memory the file that hashes are kept in; what is missing or damaged there is taken anew. @param onRead as of `sha256File`, where it has to be taken
 * @throws InputError when the file cannot be read
 */
export async function rememberedSha256(path: string, { memory = defaultMemory(), least = worthRemembering, onRead }: { memory?: string; least?: number; onRead?: ((bytes: number) => void) | undefined } = {}): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.size < least) return sha256File(path, onRead);
  const stamp = sha256Text(await fileStamps([path]));
  const known = (await read(memory)).find(([of]) => of === stamp)?.[1];
  if (known !== undefined) return known;
  const hash = await sha256File(path, onRead);
  const settled = Date.now() - Math.max(found.mtimeMs, found.ctimeMs) > settledMs;
  if (settled && stamp === sha256Text(await fileStamps([path]))) await keep(memory, [stamp, hash]);
  return hash;
}

/** In the user's cache, for all folders that name the same model. */
function defaultMemory(): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = process.env;
  const caches = process.platform === 'win32' ? local ?? join(homedir(), 'AppData', 'Local') : process.platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : xdg ?? join(homedir(), '.cache');
  return join(caches, 'dmi-lens', 'hashes.json');
}

async function read(memory: string): Promise<Known> {
  try {
    const value = await readJsonFile(memory);
    return hasShape(Memory, value) ? value.hashes : [];
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

/** Read anew before: another process may have learned something meanwhile. Where nothing can be kept, the next one takes the hash again. */
async function keep(memory: string, [stamp, hash]: Known[number]): Promise<void> {
  const hashes = [[stamp, hash], ...(await read(memory)).filter(([of]) => of !== stamp)].slice(0, most);
  try {
    await ensureFolder(dirname(memory));
    await writeFileAtomic(memory, `${JSON.stringify({ format: 1, hashes })}\n`);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
}
