import type { ShownConcept } from '../experiment/experimentResult.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { rampLevel } from './ramp.ts';
import type { TimeAxis } from './timeAxis.ts';

/** Height of the curve, in units of the drawing; its width is one unit per column. */
const curveHeight = 24;

/**
 * A concept's strength over the steps: the curve with its band, scaled to its own maximum, and under it a strip of colour on the page's scale;
 * marks stand between them.
 * @param scale the strength at the end of the colour ramp
 */
export function conceptStrip(concept: ShownConcept, axis: TimeAxis, scale: number): Html {
  const { gamma, band, typical, onset, peak, settle } = concept;
  const columns = gamma.length;
  const top = Math.max(...(band?.high ?? gamma), Number.MIN_VALUE);
  const height = (value: number): number => Math.round(100 * curveHeight * (1 - value / top)) / 100;
  // A curve of one column has no length: draw it as wide as the column.
  const curve = (values: Float32Array): string[] => (columns === 1 ? [0, 1].map((x) => `${x},${height(values[0])}`) : Array.from(values, (value, column) => `${column + 0.5},${height(value)}`));
  const [line, first, last] = [curve(gamma), columns === 1 ? 0 : 0.5, columns === 1 ? 1 : columns - 0.5];
  return html`<div class="strip"><svg class="curve" viewBox="0 0 ${columns} ${curveHeight}" preserveAspectRatio="none" aria-hidden="true"><polygon class="area" points="${[`${first},${curveHeight}`, ...line, `${last},${curveHeight}`].join(' ')}"/>${band !== undefined && html`<polygon class="band" points="${[...curve(band.high), ...curve(band.low).reverse()].join(' ')}"/>`}<polyline points="${line.join(' ')}"/></svg>
<div class="marks" aria-hidden="true">${mark('onset', onset.median, axis)}${mark('peak', peak.median, axis)}${mark('settle', settle.median, axis)}</div>
<svg class="heat" viewBox="0 0 ${columns} 1" preserveAspectRatio="none" aria-hidden="true">${Array.from(gamma, (value, column) => html`<rect class="h${rampLevel(value / typical, scale)}" x="${column}" width="1.02" height="1"/>`)}</svg></div>`;
}

/** The shapes of the marks, on a field of 10 x 10; each is told apart without colour. */
const shapes = {
  onset: 'M1.5 1 L9 5 L1.5 9 Z',
  peak: 'M5 1.2 A3.8 3.8 0 1 0 5 8.8 A3.8 3.8 0 1 0 5 1.2 Z',
  settle: 'M5 0.5 L9.5 5 L5 9.5 L0.5 5 Z',
} as const;

/** The sign of a mark, as it stands in strips and legends. */
export function markSign(kind: keyof typeof shapes): Html {
  return html`<svg class="sign ${kind}-sign" viewBox="0 0 10 10" aria-hidden="true"><path d="${shapes[kind]}"/></svg>`;
}

function mark(kind: keyof typeof shapes, step: number | null, axis: TimeAxis): Html | undefined {
  const column = step === null ? -1 : axis.steps.indexOf(step);
  return column < 0 ? undefined : html`<span class="mark ${kind} c${column}">${markSign(kind)}</span>`;
}
