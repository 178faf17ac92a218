import type { ExperimentOutcome } from '../../study/outcome.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { shortNumber } from './intervalCell.ts';
import { tell } from './studyTexts.ts';

/** What decides whether an experiment is to be believed, in sentences: expectations, identity, controls that do not apply, runs that failed. */
export function verdicts({ expectations, identityHolds, without, baseline, edited, controls }: ExperimentOutcome): Html {
  const faults = [...baseline, ...edited].filter(({ fault }) => fault !== undefined);
  const drawn = controls.filter(({ control }) => control !== 'identity').flatMap(({ control, draw, runs }) => runs.filter(({ fault }) => fault !== undefined).map(({ seed, fault }) => ({ control, draw, seed, fault })));
  return html`<ul class="verdicts">${expectations.map((expectation) => html`<li>${expectationText(expectation)}</li>`)}${identityHolds !== null && html`<li>${identityText(identityHolds)}</li>`}${without.map(({ control, reason }) => html`<li>${tell('without')} “${tell(control)}”${tell('withoutControl', reason)}</li>`)}${faults.map(({ seed, fault }) => html`<li><b>✗</b> ${tell('faultOf', seed, fault ?? '')}</li>`)}${drawn.map(({ control, draw, seed, fault }) => html`<li><b>✗</b> ${tell(control)} ${draw + 1}: ${tell('faultOf', seed, fault ?? '')}</li>`)}</ul>`;
}

function expectationText({ measure, min, max, passed, reason }: ExperimentOutcome['expectations'][number]): Html {
  const bounds = [...(min === undefined ? [] : [`≥ ${shortNumber(min)}`]), ...(max === undefined ? [] : [`≤ ${shortNumber(max)}`])].join(', ');
  return html`<b>${passed ? '✓' : '✗'} ${tell(passed ? 'passed' : 'failed')}</b>: ${measure} ${bounds} <span class="quiet">(${reason})</span>`;
}

function identityText(holds: boolean): Html {
  return holds ? html`<b>✓</b> ${tell('identityHolds')}` : html`<b>✗</b> ${tell('identityBroken')}`;
}
