import type { ExperimentOutcome, MeasureOutcome } from '../../study/outcome.ts';
import { html } from '../html.ts';
import type { Content, Html } from '../html.ts';
import { groupMeasures } from './measureGroups.ts';
import { layOutMeasure } from './measurePlot.ts';
import type { Lane, MeasurePlot } from './measurePlot.ts';
import { shortNumber } from './intervalCell.ts';
import { tell } from './studyTexts.ts';

/** In pixels, as the style sheet counts on. */
const laneHeight = 18;
const width = 220;
const margin = 16;

/** Every measure as dots and intervals under one axis: the edit beside what it is held against. Inside and outside of the region stand apart. */
export function measurePlots({ measures, expectations }: Pick<ExperimentOutcome, 'measures' | 'expectations'>): Content {
  const groups = groupMeasures(measures);
  if (groups.length === 0) return undefined;
  return html`<p class="quiet">${tell('legendPlot')}</p>
${groups.map(({ group, names }) => html`<h5>${tell(group)}</h5><div class="plots">${names.map((name) => plotCard(name, measures[name], expectations.find(({ measure }) => measure === name) ?? null))}</div>`)}`;
}

function plotCard(name: string, measure: MeasureOutcome, expected: ExperimentOutcome['expectations'][number] | null): Html {
  const plot = layOutMeasure(name, measure, expected);
  return html`<div class="plot"><b>${name}</b><div class="lanes"><ul>${plot.lanes.map(({ kind }) => html`<li${kind === 'edited' && html` class="own"`}>${tell(kind)}</li>`)}</ul>${drawing(plot)}</div></div>
`;
}

function drawing({ lanes, ticks, expected }: MeasurePlot): Html {
  const bottom = lanes.length * laneHeight;
  const shown = ticks.length > 5 ? ticks.filter((_, index) => index % 2 === 0) : ticks;
  return html`<svg class="dots" width="${width}" height="${bottom + 18}" viewBox="0 0 ${width} ${bottom + 18}" aria-hidden="true">
${expected !== null && html`<rect class="expected" x="${place(expected.from)}" width="${Math.max(place(expected.to) - place(expected.from), 1)}" height="${bottom}"/>`}
${shown.map(({ value, at }) => html`<path class="grid" d="M${place(at)} 0V${bottom}"/><text x="${place(at)}" y="${bottom + 13}">${shortNumber(value)}</text>`)}
${lanes.map((lane, index) => laneMarks(lane, (index + 0.5) * laneHeight))}</svg>`;
}

function laneMarks({ kind, dot, low, high, seeds }: Lane, y: number): Html {
  const own = kind === 'edited';
  return html`<g${own && html` class="own"`}>${low !== null && high !== null && html`<path d="M${place(low)} ${y}H${place(high)}M${place(low)} ${y - 3}v6M${place(high)} ${y - 3}v6"/>`}${seeds.map((seed) => html`<path class="seed" d="M${place(seed)} ${y + 5}v4"/>`)}${dot !== null && html`<circle cx="${place(dot)}" cy="${y}" r="${own ? 4.5 : 3.5}"/>`}</g>`;
}

/** A share of the axis in pixels. */
function place(share: number): number {
  return Math.round(10 * (margin + share * (width - 2 * margin))) / 10;
}
