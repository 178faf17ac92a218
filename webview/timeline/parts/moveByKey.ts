import type { PanelStore } from '../panelStore.ts';

/** Columns that a page key passes. */
const page = 5;

/**
 * Move the cursor as a key asks. @param vertical what the keys mean that a list needs itself: with `ends`, Home, End and the others move the cursor, too
 * @returns whether it was such a key
 */
export function moveByKey(store: PanelStore, key: string, vertical: 'ends' | 'none'): boolean {
  const to = target(key, store.cursor, (store.model?.axis.steps.length ?? 0) - 1, vertical === 'ends');
  if (to === undefined) return false;
  store.moveCursor(to);
  return true;
}

function target(key: string, cursor: number, last: number, ends: boolean): number | undefined {
  if (key === 'ArrowLeft') return cursor - 1;
  if (key === 'ArrowRight') return cursor + 1;
  if (!ends) return undefined;
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
