import { basename, join } from 'node:path';
import { sha256Text } from '../base/sha256.ts';

/** Names that mean a device on Windows, with any extension. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/**
 * A folder's name for a name that people chose: itself where every file system takes it as it stands, else its readable part with a piece of its
 * hash, so that two names never share a folder, not even where capitals are not told apart.
 */
export function folderNameOf(name: string): string {
  if (/^[a-z0-9][a-z0-9_-]{0,63}$/.test(name) && !device.test(name)) return name;
  const readable = name.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^[-_]+|[-_]+$/g, '').slice(0, 40);
  return `${readable}${readable === '' ? '' : '.'}${sha256Text(name).slice(0, 10)}`;
}

/** Where the outcome of an experiment stands. @param dmi the folder `.dmi` beside the spec */
export function experimentFolder(dmi: string, specFile: string, name: string): string {
  return join(dmi, 'experiments', folderNameOf(stemOf(specFile)), folderNameOf(name));
}

/** Where the outcome of a sweep stands. @param dmi the folder `.dmi` beside the spec */
export function sweepFolder(dmi: string, specFile: string, name: string): string {
  return join(dmi, 'sweeps', folderNameOf(stemOf(specFile)), folderNameOf(name));
}

/** Specs in one folder share `.dmi`; each has its own names. */
function stemOf(specFile: string): string {
  return basename(specFile).replace(/(\.dmi)?\.jsonc?$/, '');
}
