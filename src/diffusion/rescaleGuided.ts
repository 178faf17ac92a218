const { fround, sqrt } = Math;

/**
 * Bring a guided prediction back towards the spread of the prompted one, in place: equations 15 and 16 of arXiv:2305.08891, `rescale_noise_cfg` of diffusers.
 * @param cond the prediction with the prompt alone. @param share of the rescaled in what comes out, 0 to 1
 */
export function rescaleGuided(guided: Float32Array, cond: Float32Array, share: number): void {
  const ratio = fround(deviation(cond) / deviation(guided));
  const [rescaled, kept] = [fround(share), fround(1 - share)];
  for (let i = 0; i < guided.length; i++) guided[i] = fround(rescaled * fround(guided[i] * ratio)) + fround(kept * guided[i]);
}

/** `torch.std`: of a sample, over n - 1. */
function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return fround(sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)));
}
