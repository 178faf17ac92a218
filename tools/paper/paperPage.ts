import { createHash } from 'node:crypto';
import { Html, html } from '../../src/report/html.ts';
import { dataUri } from '../../src/report/mapPicture.ts';
import type { PaperReport, PictureGrid, Section } from './report.ts';
import { figure } from './table.ts';
import type { Cell, Table } from './table.ts';
import type { Answer, Verdict } from './verdict.ts';

const style = `
:root{color-scheme:light dark;--page:#fff;--text:#1b1f24;--quiet:#5b6470;--rule:#d7dce1;--yes:#00664a;--no:#a8380f;--open:#5b6470}
@media (prefers-color-scheme:dark){:root{--page:#15181c;--text:#e6e9ed;--quiet:#9aa4af;--rule:#343b43;--yes:#5fd0a8;--no:#f59a6c;--open:#9aa4af}}
*{box-sizing:border-box}
body{margin:0 auto;padding:24px;max-width:1200px;background:var(--page);color:var(--text);font:13px/20px system-ui,-apple-system,"Segoe UI",sans-serif;font-variant-numeric:tabular-nums}
h1,h2{font-size:20px;line-height:28px;font-weight:600;margin:0}
h2{margin-top:40px}
h3{font-size:13px;font-weight:600;margin:24px 0 0}
p{margin:8px 0 0;max-width:88ch}
.quiet,figcaption,th{color:var(--quiet);font-weight:400}
.scroll{overflow-x:auto;margin-top:8px}
table{border-collapse:collapse}
th,td{padding:4px 16px 4px 0;text-align:left;vertical-align:baseline;border-bottom:1px solid var(--rule)}
td:first-child{font-weight:600}
.range{color:var(--quiet);white-space:nowrap}
.agrees{color:var(--yes)}.disagrees{color:var(--no)}.open{color:var(--open)}
.answer{font-weight:600;white-space:nowrap}
.grid td{padding:2px;border:0;font-weight:400}
.grid th{padding:2px 8px 2px 2px;border:0;vertical-align:middle}
.grid img{display:block;width:112px;height:112px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:8px 0 0}
dt{color:var(--quiet)}
dd{margin:0;overflow-wrap:anywhere}
@media print{body{padding:0;max-width:none;print-color-adjust:exact;-webkit-print-color-adjust:exact}tr{break-inside:avoid}}
`;

/** How an answer is told: in words and with a sign, never by colour alone. */
const answers: Readonly<Record<Answer, string>> = { agrees: '✓ agrees', disagrees: '✗ disagrees', open: '? not decided' };

/** The report of the study as one HTML file that loads nothing else. */
export function paperPage({ title, intro, sections, sources }: PaperReport): string {
  const hash = createHash('sha256').update(style).digest('base64');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'sha256-${hash}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – DMI Lens</title>
<style>${new Html(style)}</style>
</head>
<body>
<h1>${title}</h1>
${intro.map(paragraph)}
${sections.map(section)}
<h2>Where it comes from</h2>
<dl>${sources.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
</body>
</html>
`.markup;
}

function section({ title, text, verdicts, grids, tables }: Section): Html {
  return html`<section><h2>${title}</h2>${text.map(paragraph)}${verdicts.length > 0 && verdictTable(verdicts)}${grids.map(pictures)}${tables.map(numbers)}</section>`;
}

function paragraph(text: string): Html {
  return html`<p>${text}</p>`;
}

function verdictTable(verdicts: readonly Verdict[]): Html {
  return html`<div class="scroll"><table><thead><tr><th>claim</th><th>paper</th><th>here</th><th>Scenes</th></tr></thead><tbody>
${verdicts.map(({ claim, paper, here, answer }) => html`<tr><td>${claim}</td><td>${paper}</td><td>${here}</td><td class="answer ${answer}">${answers[answer]}</td></tr>`)}</tbody></table></div>`;
}

function numbers({ title, caption, columns, rows }: Table): Html {
  return html`<h3>${title}</h3><p class="quiet">${caption}</p><div class="scroll"><table><thead><tr>${columns.map((name) => html`<th>${name}</th>`)}</tr></thead><tbody>
${rows.map((row) => html`<tr>${row.map((cell) => html`<td>${cellMarkup(cell)}</td>`)}</tr>`)}</tbody></table></div>`;
}

function cellMarkup(cell: Cell): Html | string {
  if (cell === undefined) return '–';
  if (typeof cell === 'string') return cell;
  return html`${figure(cell.value)} <span class="range">[${figure(cell.low)}, ${figure(cell.high)}] n ${cell.n}</span>`;
}

function pictures({ title, caption, columns, rows }: PictureGrid): Html {
  return html`<h3>${title}</h3><p class="quiet">${caption}</p><div class="scroll"><table class="grid"><thead><tr><th></th>${columns.map((name) => html`<th>${name}</th>`)}</tr></thead><tbody>
${rows.map(({ name, pictures }) => html`<tr><th>${name}</th>${pictures.map((png, column) => html`<td>${png !== undefined && html`<img alt="${name}, ${columns[column] ?? ''}" src="${dataUri(png)}">`}</td>`)}</tr>`)}</tbody></table></div>`;
}
