import { html } from './html.ts';
import type { Html } from './html.ts';
import { inShort } from './inShort.ts';
import { imageId, picture } from './pictureStore.ts';
import type { ReportPage } from './reportPage.ts';
import { studiesInShort } from './studies/studySections.ts';
import { say } from './texts.ts';

/** Characters of a prompt that is read as a headline; a longer one is set as text. */
const longest = 240;

/** The question, the findings in sentences, and the finished images. The first image is also the stage of the step slider. */
export function pageHead(page: ReportPage): Html {
  const { runs, modelName } = page.result;
  const { prompt, negativePrompt, scheduler, steps, guidanceScale } = runs[0].manifest.definition.sample;
  return html`<header><div><h1>${say('title')}</h1>
<p class="prompt${prompt.length > longest && ' long'}">“${prompt}”</p>
<p class="quiet">${say('settings', modelName, scheduler, steps, guidanceScale, runs.length)}${negativePrompt !== '' && html` · ${say('negative', negativePrompt)}`}</p>
<ul>${[...inShort(page), ...(page.studies === undefined ? [] : studiesInShort(page.studies))].map((sentence) => html`<li>${sentence}</li>`)}</ul></div>
<div class="results">${page.pictures.map((_, run) => html`<figure${run === 0 && html` class="stage"`}>${picture(imageId(run))}<figcaption>${say('seed', runs[run].manifest.definition.sample.seed)}${run === 0 && html` <span class="now"></span>`}</figcaption></figure>`)}</div></header>`;
}
