import { markSign } from './conceptStrip.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { percent } from './percent.ts';
import { rampLevels, rampValue } from './ramp.ts';
import type { ReportPage } from './reportPage.ts';
import { say } from './texts.ts';

/** What signs, bands and colours mean, with units. */
export function legend({ scale, result: { runs } }: ReportPage): Html {
  const levels = Array.from({ length: rampLevels }, (_, level) => html`<rect class="h${level}" x="${level}" width="1.02" height="1"/>`);
  return html`<div class="legend"><span>${markSign('onset')} ${say('onset')}</span><span>${markSign('peak')} ${say('peak')}</span><span>${markSign('settle')} ${say('settle')}</span>
<span>${say('legendStrength')}</span><span class="scale"><svg viewBox="0 0 ${rampLevels} 1" preserveAspectRatio="none" aria-hidden="true">${levels}</svg><span class="ends">${[0, 0.5, 1].map((share) => html`<span>${percent(rampValue(share, scale))}</span>`)}</span></span>${runs.length > 1 && html`<span><svg class="sign band" viewBox="0 0 10 10" aria-hidden="true"><rect width="10" height="10"/></svg> ${say('band')}</span>`}</div>`;
}
