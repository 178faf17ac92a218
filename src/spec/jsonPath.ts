/** Keys and indices from the top of a JSON document to one value. */
export type JsonPath = readonly (string | number)[];

/** A path as people read it: `$.experiments.house-to-the-right.edits[0].add`; odd keys stand in brackets and quotes. */
export function formatPath(path: JsonPath): string {
  return path.reduce<string>((shown, part) => {
    if (typeof part === 'number') return `${shown}[${part}]`;
    return /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(part) ? `${shown}.${part}` : `${shown}[${JSON.stringify(part)}]`;
  }, '$');
}

/** The parts of a JSON pointer (RFC 6901), unescaped: `/edits/0/add` is edits, 0, add. */
export function parsePointer(pointer: string): string[] {
  return pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
