import type { Curve, CurvePoint } from './curve.ts';

/** Okabe and Ito's colours, safe for colour-blind readers, without the yellow that vanishes on white. */
const colours = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000'];
/** A second sign beside colour: dashes, in units of the viewBox. */
const dashes = ['', '7 3', '2 3', '10 3 2 3', '5 2', '1 2', '12 4'];

const panel = { width: 300, height: 220, top: 64, left: 62, gap: 78 };

/** One of the two plots. */
interface Axis {
  readonly title: string;
  readonly value: (point: CurvePoint) => number;
  readonly format: (value: number) => string;
  /** Values to rule a line at, ascending from the foot of the panel to its head. */
  readonly rules: (values: readonly number[]) => readonly number[];
  /** How the axis runs between its ends; a logarithm where the values span decades. */
  readonly scale: (value: number) => number;
}

/**
 * Curves over k as an SVG image: the unexplained share on the left, dead latents on the right, a line for each site.
 * @param how the subtitle: how the points were made, and over what
 */
export function curveSvg(curves: readonly Curve[], how: string): string {
  const axes: readonly Axis[] = [
    // Encoding with more latents than an SAE was trained for overshoots by far: on a linear axis nothing else would be seen.
    { title: 'FVU: unexplained share (log scale)', value: ({ fvu }) => fvu, format: String, rules: decadeRules, scale: Math.log10 },
    { title: 'dead latents, % of all', value: ({ dead }) => 100 * dead, format: (value) => String(Math.round(value)), rules: evenRules, scale: (value) => value },
  ];
  const width = panel.left + 2 * panel.width + panel.gap + 24;
  const legendTop = panel.top + panel.height + 62;
  const legendRows = Math.ceil(curves.length / 3);
  const height = legendTop + 18 * legendRows + 8;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="#222">
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="16" y="24" font-size="15" font-weight="600">Sparsity against fidelity of the sparse autoencoders</text>
<text x="16" y="42">${escape(how)}</text>
${axes.map((axis, index) => plot(curves, axis, panel.left + index * (panel.width + panel.gap))).join('\n')}
${curves.map(({ site }, index) => legend(site, index, legendTop, width)).join('\n')}
</svg>
`;
}

function plot(curves: readonly Curve[], { title, value, format, rules, scale }: Axis, left: number): string {
  const ks = [...new Set(curves.flatMap(({ points }) => points.map(({ k }) => k)))].sort((a, b) => a - b);
  const ruled = rules(curves.flatMap(({ points }) => points.map(value)));
  const [foot, head] = [scale(ruled[0]), scale(ruled[ruled.length - 1])];
  const bottom = panel.top + panel.height;
  const x = (k: number) => round(left + 12 + (panel.width - 24) * Math.log2(k / ks[0]) / Math.max(1, Math.log2(ks[ks.length - 1] / ks[0])));
  const y = (v: number) => round(bottom - panel.height * (scale(Math.max(v, ruled[0])) - foot) / (head - foot));
  const lines = ruled.map((v) =>
    `<line x1="${left}" x2="${left + panel.width}" y1="${y(v)}" y2="${y(v)}" stroke="#ddd"/><text x="${left - 8}" y="${y(v) + 4}" text-anchor="end">${format(v)}</text>`);
  const marks = ks.map((k) => `<line x1="${x(k)}" x2="${x(k)}" y1="${bottom}" y2="${bottom + 4}" stroke="#222"/><text x="${x(k)}" y="${bottom + 18}" text-anchor="middle">${k}</text>`);
  const courses = curves.map(({ points }, index) => [
    `<polyline points="${points.map((point) => `${x(point.k)},${y(value(point))}`).join(' ')}" fill="none" stroke-width="2" ${stroke(index)}/>`,
    ...points.map((point) => `<circle cx="${x(point.k)}" cy="${y(value(point))}" r="3" fill="${colours[index % colours.length]}"/>`),
  ].join(''));
  return [
    ...lines, ...marks, `<line x1="${left}" x2="${left + panel.width}" y1="${bottom}" y2="${bottom}" stroke="#222"/>`, ...courses,
    `<text x="${left + panel.width / 2}" y="${bottom + 38}" text-anchor="middle">k: active latents per cell (log scale)</text>`,
    `<text transform="translate(${left - 46} ${panel.top + panel.height / 2}) rotate(-90)" text-anchor="middle">${title}</text>`,
  ].join('\n');
}

function legend(site: string, index: number, top: number, width: number): string {
  const x = 16 + (index % 3) * (width - 32) / 3;
  const y = top + 18 * Math.floor(index / 3);
  return `<line x1="${round(x)}" x2="${round(x + 30)}" y1="${y - 4}" y2="${y - 4}" stroke-width="2" ${stroke(index)}/><text x="${round(x + 38)}" y="${y}">${escape(site)}</text>`;
}

function stroke(index: number): string {
  const dash = dashes[index % dashes.length];
  return `stroke="${colours[index % colours.length]}"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}`;
}

/** 1, 2 and 5 of each decade, just so many that all values lie between the first and the last; what is zero lies at the foot. */
function decadeRules(values: readonly number[]): number[] {
  const positive = values.filter((value) => value > 0);
  const [least, greatest] = positive.length === 0 ? [0.1, 1] : [Math.min(...positive), Math.max(...positive)];
  const first = Math.floor(Math.log10(least));
  const all = Array.from({ length: Math.floor(Math.log10(greatest)) - first + 2 }, (_, decade) =>
    [1, 2, 5].map((factor) => Number(`${factor}e${first + decade}`))).flat();
  const from = all.findLastIndex((rule) => rule <= least);
  const to = all.findIndex((rule) => rule > greatest);
  return all.slice(from, to + 1);
}

/** Six lines from zero on. */
function evenRules(values: readonly number[]): number[] {
  const step = niceStep(Math.max(...values));
  return Array.from({ length: 6 }, (_, index) => index * step);
}

/** The least of 1, 2, 2.5, 3, 4, 5 × 10^i of which five reach `greatest`. */
function niceStep(greatest: number): number {
  const least = Math.max(greatest, 1e-6) / 5;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 2.5, 3, 4, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= least * (1 - 1e-9)) ?? 10 * power;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
