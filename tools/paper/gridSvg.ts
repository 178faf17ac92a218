import { Html, html } from '../../src/report/html.ts';
import { dataUri } from '../../src/report/mapPicture.ts';
import type { PictureGrid } from './report.ts';

const side = 96;
const gap = 4;
const head = 20;
const font = 12;

/** A grid as an SVG that holds its pictures: documents show it as it stands. */
export function gridSvg({ title, columns, rows }: PictureGrid): string {
  const margin = 12 + Math.max(...rows.map(({ name }) => name.length)) * font * 0.56;
  const x = (column: number): number => margin + column * (side + gap);
  const y = (row: number): number => head + row * (side + gap);
  const width = x(columns.length);
  const height = y(rows.length);
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="${font}" role="img">
<title>${title}</title>
<rect width="${width}" height="${height}" fill="#fff"/>
${columns.map((name, column) => html`<text x="${x(column)}" y="${head - 6}" fill="#333">${name}</text>`)}
${rows.map(({ name, pictures }, row) => html`<text x="4" y="${y(row) + side / 2 + 4}" fill="#333">${name}</text>
${pictures.map((png, column) => (png === undefined ? new Html('') : html`<image x="${x(column)}" y="${y(row)}" width="${side}" height="${side}" href="${dataUri(png)}"/>`))}`)}
</svg>
`.markup;
}
