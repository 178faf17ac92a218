import type { SiteResult } from '../experiment/experimentResult.ts';
import { conceptFacts, conceptName, factHeadings, siteName } from './conceptRow.ts';
import { conceptStrip } from './conceptStrip.ts';
import { html } from './html.ts';
import type { Content, Html } from './html.ts';
import { legend } from './legend.ts';
import type { ReportPage } from './reportPage.ts';
import { say } from './texts.ts';

/** Rows of a site before the fold. */
const rowsShown = 8;

/** Every concept of the result, site by site. */
export function siteSections(page: ReportPage): Content {
  if (page.result.sites.length === 0) return undefined;
  return html`<section><h2>${say('sites')}</h2>
${page.chosen.length === 0 && legend(page)}
${page.result.sites.map((site) => siteSection(site, page))}</section>`;
}

function siteSection(site: SiteResult, { chosen, axis, scale }: ReportPage): Html {
  const { concepts, traces: [{ height, width, n }], active } = site;
  const rows = concepts.map((concept) => {
    const rank = chosen.findIndex((choice) => choice.concept === concept);
    return html`<div class="row concept${rank >= 0 && ` k${rank}`}">${conceptName(concept, rank >= 0)}<div class="time">${conceptStrip(concept, axis, scale)}</div>${conceptFacts(concept)}</div>`;
  });
  return html`<div class="row site"><h3>${siteName(site)}</h3><div class="quiet">${say('siteFacts', `${height} × ${width}`, n, active)}</div>${factHeadings()}</div>
${rows.length === 0 && html`<p class="quiet">${say('nothing')}</p>`}${rows.slice(0, rowsShown)}${rows.length > rowsShown && html`<details><summary>${say('more', rows.length - rowsShown)}</summary>${rows.slice(rowsShown)}</details>`}`;
}
