/** The folder of specs that a path at or below its `.dmi` belongs to; undefined for other paths, and for runs still being written. */
export function specFolderOf(path: string): string | undefined {
  if (/[/\\]\.partial-/.test(path)) return undefined;
  const end = path.search(/[/\\]\.dmi(?:[/\\]|$)/);
  return end < 0 ? undefined : path.slice(0, end) || path[0];
}
