import type { Interval } from '../../study/outcome.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { tell } from './studyTexts.ts';

/** Two significant digits, the sign of arithmetic, and never -0. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(2)) + 0).replace('-', '−');
}

/** The same with its sign. */
export function signedNumber(value: number): string {
  return `${value > 0 ? '+' : ''}${shortNumber(value)}`;
}

/** ` [low, high]`; nothing where there is none. */
export function boundsText({ low, high }: Interval): string {
  return low === null || high === null ? '' : ` [${shortNumber(low)}, ${shortNumber(high)}]`;
}

/** A value, and below it its interval and n. @param number how the value is written */
export function intervalCell(interval: Interval | undefined, number: (value: number) => string = shortNumber): Html {
  if (interval === undefined) return html`<td></td>`;
  const { value, n } = interval;
  if (value === null) return html`<td><span class="quiet">${tell('nothing')}</span></td>`;
  return html`<td>${number(value)}<br><span class="quiet">${boundsText(interval).trim()} n ${n}</span></td>`;
}
