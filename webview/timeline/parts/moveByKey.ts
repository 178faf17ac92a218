import { cursorByKey } from '../../kit/layout/cursorByKey.ts';
import type { PanelStore } from '../panelStore.ts';

/** Move the cursor as a key asks (see `cursorByKey`). @returns whether it was such a key */
export function moveByKey(store: PanelStore, key: string, vertical: 'ends' | 'none'): boolean {
  const to = cursorByKey(key, store.cursor, (store.model?.axis.steps.length ?? 0) - 1, vertical);
  if (to === undefined) return false;
  store.moveCursor(to);
  return true;
}
