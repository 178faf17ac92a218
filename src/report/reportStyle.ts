import { conceptColours, ramp } from './ramp.ts';
import { divergingColours, studyStyle } from './studies/studyStyle.ts';
import type { TimeAxis } from './timeAxis.ts';

/**
 * The style sheet of a report. Places on the axis are classes (`c3`: the middle of column 3; `f0`, `w0`: the stretch of a frame, a window), since the page's policy allows no
 * style in attributes.
 */
export function reportStyle({ steps, frames, windows }: TimeAxis): string {
  const columns = steps.length;
  const places = Array.from(steps, (_, column) => `.c${column}{left:${((column + 0.5) / columns) * 100}%}`);
  const spans = [...frames.map((span, frame) => [`f${frame}`, span] as const), ...windows.map((span, window) => [`w${window}`, span] as const)]
    .map(([name, { from, to }]) => `.${name}{grid-column:${from + 1}/${to + 1}}`);
  const levels = (theme: 'light' | 'dark'): string => ramp(theme).map((colour, level) => `--h${level}:${colour}`).join(';').concat(';', divergingColours(theme));
  const fills = ramp('light').map((_, level) => `.h${level}{fill:var(--h${level})}`);
  const colours = conceptColours.map((colour, index) => `.k${index}{--concept:${colour}}`);
  return `
:root{color-scheme:light dark;--page:#fff;--text:#1b1f24;--quiet:#5b6470;--rule:#d7dce1;--accent:#1b1f24;${levels('light')}}
@media (prefers-color-scheme:dark){:root{--page:#15181c;--text:#e6e9ed;--quiet:#9aa4af;--rule:#343b43;--accent:#fff;${levels('dark')}}}
@media print{:root{--page:#fff;--text:#000;--quiet:#444;--rule:#bbb;--accent:#000;${levels('light')}}}
@page{size:A4;margin:14mm}
*{box-sizing:border-box}
body{margin:0 auto;padding:24px;max-width:1200px;background:var(--page);color:var(--text);font:13px/20px system-ui,-apple-system,"Segoe UI","Hiragino Sans","Noto Sans CJK JP",sans-serif;font-variant-numeric:tabular-nums}
h1,h2{font-size:20px;line-height:28px;font-weight:600;margin:0}
h2{margin-top:36px}
p{margin:0}
a{color:inherit}
.quiet,figcaption{color:var(--quiet)}
body:has(#ja:checked) span[lang=en],body:not(:has(#ja:checked)) span[lang=ja]{display:none}
.languages{float:right;color:var(--quiet)}
.languages input{position:absolute;opacity:0}
.languages label{padding:4px 8px;cursor:pointer}
.languages input:checked+label{color:var(--text);text-decoration:underline;text-underline-offset:4px}
.languages input:focus-visible+label{outline:2px solid}
header{display:grid;grid-template-columns:minmax(360px,1fr) auto;gap:16px 32px;align-items:start}
.prompt{font-size:20px;line-height:28px;margin:4px 0;overflow-wrap:anywhere}
.prompt.long{font-size:13px;line-height:20px}
header>*,.row>*,.name{min-width:0;overflow-wrap:anywhere}
ul{margin:12px 0 0;padding:0;list-style:none}
li{margin-top:8px;max-width:64ch}
figure{margin:0}
svg image,img{image-rendering:pixelated}
.results{display:flex;gap:8px;flex-wrap:wrap;align-items:end}
.results svg{display:block;width:128px;height:128px}
.results .stage svg{width:192px;height:192px}
.row{display:grid;grid-template-columns:200px minmax(0,1fr) 248px;gap:0 16px;align-items:start}
.facts{display:grid;grid-template-columns:repeat(4,1fr);gap:4px;text-align:right;line-height:16px;overflow-wrap:normal}
.name{display:flex;gap:8px;align-items:baseline;min-width:0}
.name b{font-weight:600;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.swatch{flex:none;width:10px;height:10px;background:var(--concept);outline:1px solid var(--text);align-self:center}
.time{position:relative}
.axis{position:sticky;top:0;background:var(--page);z-index:2;padding-top:8px;margin-top:16px;border-bottom:1px solid var(--rule)}
.axis>.quiet{align-self:center}
.columns{display:grid;grid-template-columns:repeat(${columns},minmax(0,1fr))}
.window{border-left:1px solid var(--rule);padding-left:4px;white-space:nowrap;overflow:hidden}
.ends{display:flex;justify-content:space-between;color:var(--quiet)}
.film>*{margin-right:2px;min-width:0}
.film svg,.film img{display:block;width:100%;max-width:160px;margin-inline:auto;aspect-ratio:1}
.film>img{width:calc(100% - 2px)}
figcaption{white-space:nowrap;overflow:hidden;line-height:16px;padding-top:2px}
.under{filter:grayscale(1) contrast(.55) brightness(1.25)}
@media (prefers-color-scheme:dark){.under{filter:grayscale(1) contrast(.55) brightness(.8)}}
.chosen{margin-top:12px;break-inside:avoid}
.chosen .film{margin-top:4px}
.curve{display:block;width:100%;height:24px;overflow:visible}
.area{fill:var(--text);opacity:.12}
.band,.band rect{fill:var(--text);opacity:.3}
.curve polyline{fill:none;stroke:var(--text);stroke-width:1.25;vector-effect:non-scaling-stroke}
.chosen .area,.chosen .band{fill:var(--concept);opacity:.45}
.heat{display:block;width:100%;height:8px}
.marks{position:relative;height:10px;margin:2px 0 1px}
.mark{position:absolute;line-height:0;transform:translateX(-50%)}
.mark.onset{transform:translateX(-100%)}
.mark.settle{transform:none}
.sign{width:10px;height:10px;stroke:var(--text);stroke-width:1.2}
.sign.band{stroke:none}
.onset-sign,.settle-sign{fill:var(--page)}
.peak-sign{fill:var(--text)}
.legend{display:flex;flex-wrap:wrap;gap:4px 20px;margin:8px 0 12px;color:var(--quiet)}
.legend .scale{width:144px;line-height:16px}
.scale svg{display:block;width:100%;height:8px;margin-top:6px}
h3{font-size:13px;font-weight:600;margin:0}
.site{margin-top:28px;align-items:end;break-after:avoid}
.concept{margin-top:8px;break-inside:avoid}
details{margin-top:8px}
summary{cursor:pointer;color:var(--quiet)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:8px 0 0}
dt{color:var(--quiet)}
dd{margin:0;overflow-wrap:anywhere}
.prose p{max-width:88ch;margin-top:8px}
.scrub{display:block;width:100%;margin:0;accent-color:var(--quiet)}
.time::after{content:"";position:absolute;top:0;bottom:0;left:calc(var(--cursor) * 100%);border-left:1px solid var(--accent);opacity:0;pointer-events:none}
.scrubbing .time::after{opacity:.7}
@media (max-width:1000px){
body{padding:16px}
header{grid-template-columns:minmax(0,1fr)}
.row{grid-template-columns:minmax(0,1fr) 248px}
.row>.time{grid-column:1/-1;grid-row:2}
.row>div:empty{display:none}
.row>.facts:last-child{grid-column:2}
.site>.quiet{grid-column:1;grid-row:2}
.concept,.chosen{margin-top:16px}
}
@media print{body{padding:0;max-width:none;print-color-adjust:exact;-webkit-print-color-adjust:exact}.languages,.scrub{display:none}.axis{position:static}h2{break-after:avoid}}
${studyStyle}${places.join('')}${spans.join('')}${fills.join('')}${colours.join('')}
`;
}
