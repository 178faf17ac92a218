/** A file or folder that has another path now. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** Where a path leads once files, or folders on its way, were renamed; undefined where none of the moves is about it. */
export function movedPath(path: string, moves: readonly Move[]): string | undefined {
  const move = moves.find(({ from }) => path === from || (path.startsWith(from) && /^[/\\]/.test(path.slice(from.length))));
  return move && move.to + path.slice(move.from.length);
}
