import type { Translate } from '../translate.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** When something was, as people say it: `5 min ago`, `yesterday`, in the end a date. @param now milliseconds since the epoch, as `then` */
export function timeAgo(then: number, now: number, language: string, t: Translate): string {
  const passed = Math.max(0, now - then); // clocks of other machines may be ahead
  const ago = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  if (passed < minute) return t('just now');
  if (passed < hour) return ago.format(-Math.floor(passed / minute), 'minute');
  if (passed < day) return ago.format(-Math.floor(passed / hour), 'hour');
  if (passed < 30 * day) return ago.format(-Math.floor(passed / day), 'day');
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(then);
}
