import type { Fix } from '../../spec/fix.ts';
import { oneLine } from '../../spec/fix.ts';
import type { Translate } from '../translate.ts';

/** Longer values are cut: a menu has one line for each. */
const longest = 60;

/** What a quick fix is called. */
export function fixTitle(fix: Fix, t: Translate): string {
  if (fix.kind === 'remove') {
    const last = fix.path.at(-1);
    return typeof last === 'number' ? t('Remove this value') : t('Remove "{0}"', String(last));
  }
  const value = oneLine(fix.by);
  return t('Replace by {0}', value.length <= longest ? value : `${value.slice(0, longest - 1)}…`);
}
