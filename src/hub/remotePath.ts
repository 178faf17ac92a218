import { phrase } from '../base/phrase.ts';
import { strange } from './hubFaults.ts';

const longestPath = 512;
const deepest = 16;
/** Names of devices, which no Windows opens as files (also with an extension). */
const device = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;
// eslint-disable-next-line no-control-regex -- they are what is looked for
const unfit = /[\x00-\x1f\x7f<>:"|?*\\\u202a-\u202e\u2066-\u2069]|[. ]$|^ /u;

/** Whether a path of a repository names a file below any folder, on any system: no way out of it, no name that a system reads as something else. */
export function isSafePath(path: string): boolean {
  const names = path.split('/');
  return path.length <= longestPath && names.length <= deepest && !/\p{Surrogate}/u.test(path) && names.every((name) => name !== '' && !name.startsWith('.') && name.length <= 200 && !unfit.test(name) && !device.test(name));
}

/**
 * Refuse paths that would not stand beside each other on every disk: unsafe ones, two that differ only in case or in how a letter is written, a file and a folder of one name.
 * @throws InputError
 */
export function checkPaths(paths: readonly string[], endpoint: URL): void {
  const files = new Map<string, string>();
  for (const path of paths) {
    if (!isSafePath(path)) throw strange(phrase`it names a file ${JSON.stringify(path.slice(0, 200))}`, endpoint);
    const key = plain(path);
    const twin = files.get(key);
    if (twin !== undefined) throw strange(phrase`"${twin}" and "${path}" would be one file`, endpoint);
    files.set(key, path);
  }
  for (const path of paths) {
    for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) {
      const folder = files.get(plain(path.slice(0, end)));
      if (folder !== undefined) throw strange(phrase`"${folder}" is a file and a folder`, endpoint);
    }
  }
}

function plain(path: string): string {
  return path.normalize('NFC').toLowerCase();
}
