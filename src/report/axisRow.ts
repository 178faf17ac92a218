import { html } from './html.ts';
import type { Content, Html } from './html.ts';
import { dataUri } from './mapPicture.ts';
import { picture, previewId } from './pictureStore.ts';
import type { ReportPage } from './reportPage.ts';
import { say } from './texts.ts';

/** The time axis that everything below shares: windows, the film strip of the first seed, the step slider, and the other seeds' strips. */
export function axisRow({ axis, pictures, result: { runs } }: ReportPage): Html {
  const captions = axis.steps.map((step, column) => `${step} / ${axis.totalSteps} · t ${axis.t[column].toFixed(2)}`);
  return html`<div class="row axis"><div class="quiet">${say('pictures')}</div>
<div class="time"><div class="columns">${axis.windows.map(({ name }, index) => html`<span class="window w${index}">${say(name)}</span>`)}</div>
<div class="columns film">${axis.frames.map(({ column }, frame) => html`<figure class="f${frame}">${picture(previewId(column))}<figcaption>${axis.steps[column]}</figcaption></figure>`)}</div>
<div class="ends"><span>${say('noise')}</span><span>${say('image')}</span></div>
<input class="scrub" type="range" min="0" max="${axis.steps.length - 1}" value="${axis.steps.length - 1}" aria-label="step" data-captions="${JSON.stringify(captions)}" hidden></div></div>
${otherSeeds()}`;

  function otherSeeds(): Content {
    if (pictures.length < 2) return undefined;
    return html`<details><summary>${say('otherSeeds')}</summary>${pictures.slice(1).map(({ previews }, index) => html`<div class="row"><div class="quiet">${say('seed', runs[index + 1].manifest.definition.sample.seed)}</div>
<div class="time columns film">${axis.frames.map(({ column }, frame) => html`<img class="f${frame}" alt="" src="${dataUri(previews[column])}">`)}</div></div>`)}</details>`;
  }
}
