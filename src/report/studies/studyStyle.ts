import { divergingRamp } from '../ramp.ts';

/** The colours of differences in a theme, for `:root`. */
export function divergingColours(theme: 'light' | 'dark'): string {
  return divergingRamp(theme).map((colour, level) => `--d${level}:${colour}`).join(';');
}

/** The style of the sections about experiments and sweeps. */
export const studyStyle = `
.studies{margin-top:12px}
.study{margin-top:28px;padding-top:12px;border-top:1px solid var(--rule)}
.study h3{font-size:16px;line-height:24px;overflow-wrap:anywhere;break-after:avoid}
h4,h5{font-size:13px;font-weight:600;margin:20px 0 4px;break-after:avoid}
h5{margin-top:12px;color:var(--quiet)}
.study p,.study li{max-width:88ch;overflow-wrap:anywhere}
.study .caption{margin-top:12px}
.why{font-size:15px;margin-top:4px}
.study ul{margin-top:8px}
.study li{margin-top:4px}
.pairs{display:flex;flex-wrap:wrap;gap:12px 20px;margin:16px 0}
.pair{display:flex;gap:4px;break-inside:avoid}
.pairs figure{width:128px}
.pairs svg{display:block;width:128px;height:128px}
.pairs figcaption{white-space:normal}
.missing{display:grid;place-items:center;width:100%;aspect-ratio:1;border:1px dashed var(--rule);color:var(--quiet)}
.wide{overflow-x:auto;margin-top:8px}
.wide table{border-collapse:collapse;line-height:16px}
.wide th,.wide td{padding:4px 12px 4px 0;text-align:right;vertical-align:top;font-weight:400}
.wide th[scope=row],.wide th[scope=rowgroup],.wide th:first-child{text-align:left}
.wide th[scope=row]{white-space:nowrap}
.definitions{font-size:11px;line-height:16px;gap:0 12px;max-width:100ch;margin-top:12px}
.wide thead th{color:var(--quiet);border-bottom:1px solid var(--rule);vertical-align:bottom}
.wide th[scope=rowgroup]{font-weight:600;padding-top:12px}
.wide td{white-space:nowrap}
.wide .tiles td{white-space:normal}
.wide tr{break-inside:avoid}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(320px,1fr));gap:12px 24px}
.plot{break-inside:avoid}
.lanes{display:grid;grid-template-columns:100px 220px;margin-top:4px}
.study .lanes ul{margin:0}
.study .lanes li{margin:0;height:18px;line-height:18px;white-space:nowrap;color:var(--quiet)}
.study .lanes .own{color:var(--text);font-weight:600}
.dots path{fill:none;stroke:var(--quiet);stroke-width:1.25}
.dots .grid{stroke:var(--rule);stroke-width:1}
.dots circle{fill:var(--page);stroke:var(--quiet);stroke-width:1.5}
.dots .own path{stroke:var(--text);stroke-width:2}
.dots .own .seed{stroke-width:1}
.dots .own circle{fill:var(--text);stroke:var(--text)}
.dots{overflow:visible}
.dots text{font-size:10px;fill:var(--quiet);text-anchor:middle}
.expected{fill:var(--text);opacity:.12}
.maps{display:flex;flex-wrap:wrap;gap:0 40px;align-items:start}
.map{width:min-content;min-width:0;max-width:100%}
.tint{font-weight:400;white-space:nowrap;margin-left:8px}
.tint svg{width:96px;height:10px}
.wide .tiles td,.wide .tiles thead th{text-align:left;min-width:124px}
.wide .tiles td{width:150px;min-width:150px}
.wide .tiles th:first-child{min-width:72px}
.tiles td>svg:not(.bar),.tiles .missing{display:block;width:112px;height:112px}
.tiles .bar{display:block;width:112px;height:8px;margin:2px 0 4px;outline:1px solid var(--rule)}
.tiles .quiet{font-size:11px}
@media print{.wide{overflow:visible}.wide table{font-size:10px;line-height:13px}.wide td,.wide thead th{white-space:normal;padding-right:8px}.wide .tiles td{width:112px;min-width:112px}.wide .tiles th:first-child{min-width:56px}.wide .tiles thead th{min-width:0}.tiles td>svg:not(.bar),.tiles .missing{width:96px;height:96px}.tiles .bar{width:96px}.tiles .quiet{font-size:9px}.maps{gap:0 16px}}
${Array.from({ length: divergingRamp('light').length }, (_, level) => `.d${level}{fill:var(--d${level})}`).join('')}
`;
