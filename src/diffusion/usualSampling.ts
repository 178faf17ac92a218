/** How a model is asked for pictures where nobody says otherwise. */
export interface UsualSampling {
  readonly steps: number;
  /** 1: without guidance. */
  readonly guidanceScale: number;
  /** Left out: none. */
  readonly guidanceRescale?: number;
}

/** What a pipeline's folder says of itself, as it was read: anybody may have written it. */
export interface PipelineClues {
  /** `model_index.json`. */
  readonly index: unknown;
  /** `scheduler/scheduler_config.json`. */
  readonly scheduler: unknown;
  /** `unet/config.json`. */
  readonly unet: unknown;
}

/**
 * Steps and guidance that suit a pipeline, by what it was distilled for: a Turbo or Lightning model gives noise with guidance, and most others do with four steps. After the defaults and model cards
 * of diffusers' pipelines; fewer steps for the plain classes (there 50), which show the same and take half as long.
 */
export function usualSampling({ index, scheduler, unet }: PipelineClues): UsualSampling {
  const pipeline = textOf(index, '_class_name');
  const sampler = textOf(scheduler, '_class_name');
  const guidanceIsEmbedded = typeof valueOf(unet, 'time_cond_proj_dim') === 'number';
  if (guidanceIsEmbedded || pipeline.includes('LatentConsistency')) return { steps: 4, guidanceScale: 8 };
  if (sampler === 'LCMScheduler') return { steps: 4, guidanceScale: 1 };
  const zeroSnr = valueOf(scheduler, 'rescale_betas_zero_snr') === true;
  const prediction = textOf(scheduler, 'prediction_type') || 'epsilon';
  // Turbo and Lightning (its one-step model predicts the sample) are known by their schedulers alone
  if (sampler.startsWith('Euler') && textOf(scheduler, 'timestep_spacing') === 'trailing' && !zeroSnr && prediction !== 'v_prediction') return { steps: 4, guidanceScale: 1 };
  const usual = pipeline.includes('XL') ? { steps: 25, guidanceScale: 5 } : { steps: 20, guidanceScale: 7.5 };
  return zeroSnr && prediction === 'v_prediction' ? { ...usual, guidanceRescale: 0.7 } : usual;
}

function textOf(value: unknown, key: string): string {
  const found = valueOf(value, key);
  return typeof found === 'string' ? found : '';
}

function valueOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}
