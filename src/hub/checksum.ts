import { createHash, type Hash } from 'node:crypto';

/** What a hub says a file's content is. */
export interface Checksum {
  /** `sha256` of the content, or `git`: the id that git gives it, SHA-1 of `blob <size>\0` and the content. */
  readonly kind: 'sha256' | 'git';
  /** In hexadecimal. */
  readonly hex: string;
}

/** Takes a file's content piece by piece. @param size of the whole, in bytes */
export function startChecksum(kind: Checksum['kind'], size: number): Hash {
  return kind === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
}
