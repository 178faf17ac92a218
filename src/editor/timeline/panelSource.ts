/** What a panel shows, as it is kept over a reload: a spec, or run folders; each as its uri. */
export type PanelSource = { readonly kind: 'spec'; readonly uri: string } | { readonly kind: 'runs'; readonly uris: readonly string[] };

/** Longer texts were not written by `formatSource`. */
const longest = 64 * 1024;

/** A line for each uri: a uri holds no line break. */
export function formatSource(source: PanelSource): string {
  return source.kind === 'spec' ? source.uri : ['runs', ...source.uris].join('\n');
}

/** @returns undefined for anything that `formatSource` does not write */
export function parseSource(text: unknown): PanelSource | undefined {
  if (typeof text !== 'string' || text.length > longest) return undefined;
  const [first, ...uris] = text.split('\n');
  if (first === 'runs') return uris.length > 0 && uris.every(isUri) ? { kind: 'runs', uris } : undefined;
  return uris.length === 0 && isUri(first) ? { kind: 'spec', uri: first } : undefined;
}

function isUri(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\S+$/i.test(text);
}
