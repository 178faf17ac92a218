import type { MarkSpread } from '../concepts/summariseConcepts.ts';
import type { ShownConcept, SiteResult } from '../experiment/experimentResult.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { percent } from './percent.ts';
import { say } from './texts.ts';

/** A concept's number and label, with its colour where it has one. */
export function conceptName({ id, label, contextFree }: ShownConcept, coloured: boolean): Html {
  return html`<div class="name">${coloured && html`<span class="swatch"></span>`}<span class="quiet">${id}</span>${label !== undefined && html`<b title="${label}">${label}</b>`}${contextFree && html`<span class="quiet">${say('contextFree')}</span>`}</div>`;
}

/** A site's name, and its branch where that is not the usual one. */
export function siteName({ site, branch }: SiteResult): Html {
  return html`${site}${branch === 'uncond' && html` · ${say('uncond')}`}`;
}

/** What stands over the numbers of `conceptFacts`, with units. */
export function factHeadings(): Html {
  const headings = [['onset', 'unitStep'], ['peak', 'unitStep'], ['settle', 'unitStep'], ['strength', 'unitShare']] as const;
  return html`<div class="facts">${headings.map(([name, unit]) => html`<span>${say(name)}<br><span class="quiet">${say(unit)}</span></span>`)}</div>`;
}

/** The marks as steps, and the greatest strength. */
export function conceptFacts({ onset, peak, settle, strength }: ShownConcept): Html {
  return html`<div class="facts">${[onset, peak, settle].map((mark) => html`<span>${markText(mark)}</span>`)}<span>${percent(strength)}</span></div>`;
}

/** A mark's median step, and under it the range over the runs where they differ; a run without the mark leaves the range open. */
function markText({ median, low, high }: MarkSpread): Html {
  const range = high === null ? `≥ ${low ?? ''}` : `${low ?? ''}–${high}`;
  return html`${median ?? '–'}${low !== high && html`<br><span class="quiet">${range}</span>`}`;
}
