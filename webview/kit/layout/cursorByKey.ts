/** Columns that a page key passes. */
const page = 5;

/**
 * Where a key moves the cursor along the axis. @param vertical what the keys mean that a list needs itself: with `ends`, Home, End and the others move the cursor, too
 * @returns a column, perhaps beyond the ends; undefined where the key means nothing here
 */
export function cursorByKey(key: string, cursor: number, last: number, vertical: 'ends' | 'none'): number | undefined {
  if (key === 'ArrowLeft') return cursor - 1;
  if (key === 'ArrowRight') return cursor + 1;
  if (vertical === 'none') return undefined;
  switch (key) {
    case 'ArrowDown': return cursor - 1;
    case 'ArrowUp': return cursor + 1;
    case 'PageDown': return cursor - page;
    case 'PageUp': return cursor + page;
    case 'Home': return 0;
    case 'End': return last;
    default: return undefined;
  }
}
