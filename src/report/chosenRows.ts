import type { ChosenConcept } from './chooseConcepts.ts';
import { conceptFacts, conceptName, factHeadings, siteName } from './conceptRow.ts';
import { conceptStrip } from './conceptStrip.ts';
import { html } from './html.ts';
import type { Content, Html } from './html.ts';
import { legend } from './legend.ts';
import { dataUri, mapPicture } from './mapPicture.ts';
import { picture, previewId } from './pictureStore.ts';
import { conceptColours } from './ramp.ts';
import type { ReportPage } from './reportPage.ts';
import { say } from './texts.ts';

/** The concepts whose maps say most: strength over the steps, and maps on the previews straight below the film strip. */
export function chosenRows(page: ReportPage): Content {
  if (page.chosen.length === 0) return undefined;
  return html`<section><h2>${say('where')}</h2><p class="quiet">${say('whereHint', page.result.runs[0].manifest.definition.sample.seed)}</p>
${legend(page)}
<div class="row"><div></div><div></div>${factHeadings()}</div>
${page.chosen.map((choice, rank) => chosenRow(choice, rank, page))}</section>`;
}

function chosenRow({ site, concept, maps }: ChosenConcept, rank: number, { axis, scale }: ReportPage): Html {
  const [{ height, width }] = site.traces;
  const cells = height * width;
  const max = maps.reduce((a, b) => Math.max(a, b), 0);
  const mapOn = (column: number): Html => {
    const map = mapPicture(maps.subarray(column * cells, (column + 1) * cells), height, width, max, conceptColours[rank]);
    return picture(previewId(column), html`<image width="1" height="1" href="${dataUri(map)}"/>`);
  };
  return html`<div class="row chosen k${rank}"><div>${conceptName(concept, true)}<div class="quiet">${siteName(site)}</div></div>
<div class="time">${conceptStrip(concept, axis, scale)}<div class="columns film">${axis.frames.map(({ column }, frame) => html`<div class="f${frame}">${mapOn(column)}</div>`)}</div></div>
${conceptFacts(concept)}</div>`;
}
