import type { ExperimentOutcome } from '../../study/outcome.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { shortNumber } from './intervalCell.ts';
import { tell, tellPhrase } from './studyTexts.ts';

/** What decides whether an experiment is to be believed, in sentences: expectations, identity, controls that do not apply, runs that failed. */
export function verdicts({ expectations, identityHolds, without, baseline, edited, controls }: ExperimentOutcome): Html {
  const faults = [...baseline, ...edited].filter(({ fault }) => fault !== undefined);
  const drawn = controls.filter(({ control }) => control !== 'identity').flatMap(({ control, draw, runs }) => runs.filter(({ fault }) => fault !== undefined).map(({ seed, fault, faultPhrase }) => ({ control, draw, seed, fault: faultPhrase ?? fault ?? '' })));
  return html`<ul class="verdicts">${expectations.map((expectation) => html`<li>${expectationText(expectation)}</li>`)}${identityHolds !== null && html`<li>${identityText(identityHolds)}</li>`}${without.map(({ control, reason, reasonPhrase }) => html`<li>${tell('without')} “${tell(control)}”${tell('withoutControl', reasonPhrase ?? reason)}</li>`)}${faults.map(({ seed, fault, faultPhrase }) => html`<li><b>✗</b> ${tell('faultOf', seed, faultPhrase ?? fault ?? '')}</li>`)}${drawn.map(({ control, draw, seed, fault }) => html`<li><b>✗</b> ${tell(control)} ${draw + 1}: ${tell('faultOf', seed, fault)}</li>`)}</ul>`;
}

function expectationText({ measure, min, max, passed, reason, reasonPhrase }: ExperimentOutcome['expectations'][number]): Html {
  const bounds = [...(min === undefined ? [] : [`≥ ${shortNumber(min)}`]), ...(max === undefined ? [] : [`≤ ${shortNumber(max)}`])].join(', ');
  return html`<b>${passed ? '✓' : '✗'} ${tell(passed ? 'passed' : 'failed')}</b>: ${measure} ${bounds} <span class="quiet">(${tellPhrase(reasonPhrase, reason)})</span>`;
}

function identityText(holds: boolean): Html {
  return holds ? html`<b>✓</b> ${tell('identityHolds')}` : html`<b>✗</b> ${tell('identityBroken')}`;
}
