import { InputError } from '../../base/errors.ts';
import { phrase } from '../../base/phrase.ts';
import type { SigmaConfig } from './sigmas.ts';

/** @throws InputError where more than one spacing of the noise levels is asked for */
export function requireOneSpacing(config: SigmaConfig & { readonly use_lu_lambdas?: boolean; readonly use_flow_sigmas?: boolean }, file: string): void {
  const asked = (['use_karras_sigmas', 'use_exponential_sigmas', 'use_beta_sigmas', 'use_lu_lambdas', 'use_flow_sigmas'] as const).filter((key) => config[key] === true);
  if (asked.length > 1) {
    throw new InputError(phrase`${asked.join(', ')} cannot all be true`, { file, place: `/${asked[1]}`, remedy: phrase`Keep one of them.` });
  }
}

/** @throws InputError where the network is asked at the logarithm of the noise level in place of a timestep */
export function requireDiscrete(config: { readonly timestep_type: 'discrete' | 'continuous'; readonly prediction_type: string }, file: string): void {
  if (config.timestep_type === 'continuous' && config.prediction_type === 'v_prediction') {
    throw new InputError(phrase`continuous timesteps have no diffusion time, which windows of edits count in`, {
      file, place: '/timestep_type', remedy: phrase`Use a pipeline trained with discrete timesteps.`,
    });
  }
}

/** @throws InputError where a solver would have to go where its equations do not hold. @param algorithm as written: one of another family is looked at before it is read as one of ours */
export function requireSolver(algorithm: string, { final_sigmas_type: final, solver_order: order }: { final_sigmas_type: 'zero' | 'sigma_min'; solver_order: number }, file: string): void {
  if (!algorithm.endsWith('++') && final === 'zero') {
    throw new InputError(phrase`${algorithm} cannot end at a noise level of zero`, { file, place: '/final_sigmas_type', remedy: phrase`Write "sigma_min", or choose a "++" algorithm.` });
  }
  if (algorithm === 'sde-dpmsolver' && order > 2) {
    throw new InputError(phrase`${algorithm} has no order ${order}`, { file, place: '/solver_order', remedy: phrase`Write 1 or 2, or choose "sde-dpmsolver++".` });
  }
}

/** @throws InputError where UniPC, told to go by the noise, cannot know it or would divide by it */
export function requirePrediction({ predict_x0: toOriginal, prediction_type: predicts, final_sigmas_type: final }: { predict_x0: boolean; prediction_type: string; final_sigmas_type: 'zero' | 'sigma_min' }, file: string): void {
  if (toOriginal) return;
  if (predicts === 'flow_prediction') {
    throw new InputError(phrase`where a network predicts a flow, the solver has to go by the image`, { file, place: '/predict_x0', remedy: phrase`Write "predict_x0": true.` });
  }
  if (final === 'zero') {
    throw new InputError(phrase`a solver that goes by the noise cannot end at a noise level of zero`, {
      file, place: '/final_sigmas_type', remedy: phrase`Write "sigma_min", or "predict_x0": true.`,
    });
  }
}
