import { divergingLevel, rampLevel } from '../ramp.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { shortNumber } from './intervalCell.ts';

/** How values become colours: classes of the style sheet. */
export interface Tint {
  readonly classOf: (value: number) => string;
  readonly legend: Html;
}

/** The ramp for some values: from none to the greatest, or where some are below zero, from loss to gain with the same limits on both sides. */
export function tintOf(values: readonly number[]): Tint {
  const end = Math.max(0, ...values.map(Math.abs));
  const signed = values.some((value) => value < 0);
  const classOf = (value: number): string => (signed ? `d${divergingLevel(value, end)}` : `h${rampLevel(value, end)}`);
  const from = signed ? -end : 0;
  const levels = Array.from({ length: 24 }, (_, level) => html`<rect class="${classOf(from + ((end - from) * level) / 23)}" x="${level}" width="1.02" height="1"/>`);
  return { classOf, legend: html`<span class="tint">${shortNumber(from)} <svg viewBox="0 0 24 1" preserveAspectRatio="none" aria-hidden="true">${levels}</svg> ${shortNumber(end)}</span>` };
}
