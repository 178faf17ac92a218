import { computedText } from '../experiment/provider/computedText.ts';
import type { ExperimentResult } from '../experiment/experimentResult.ts';
import { html } from './html.ts';
import type { Content, Html } from './html.ts';
import { say } from './texts.ts';

/** Definitions, and the hashes that lead from this page back to its causes. */
export function methodSection({ runs, specFile }: ExperimentResult): Html {
  const { definition, versions, computed } = runs[0].manifest;
  const sources: [Content, string][] = [
    [say('spec'), specFile],
    [say('engine'), Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')],
    ...(computed === undefined ? [] : [[say('computedBy'), computedText(computed)] as [Content, string]]),
    [say('model'), definition.model],
    ...Object.entries(definition.saes).map(([site, hash]): [Content, string] => [say('sae', site), hash]),
    ...runs.map(({ manifest: { key, definition: { sample } } }): [Content, string] => [say('run', sample.seed), key]),
  ];
  return html`<section class="prose"><h2>${say('howTo')}</h2>
<p>${say('howPreview')}</p><p>${say('howGamma')}</p><p>${say('howMarks')}</p>${runs.length > 1 && html`<p>${say('howBand', runs.length)}</p>`}</section>
<section><h2>${say('provenance')}</h2><dl>${sources.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl></section>`;
}
