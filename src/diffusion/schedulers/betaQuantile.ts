/** Both parameters of the distribution: those that diffusers' beta sigmas have, after arXiv:2407.12173. */
const shape = 0.6;

/** Γ(0.6)² / Γ(1.2). */
const wholeIntegral = 2.4153442080024723;

/** The quantile function of the Beta(0.6, 0.6) distribution. @param share 0 to 1 */
export function betaQuantile(share: number): number {
  if (share <= 0 || share >= 1) return share <= 0 ? 0 : 1;
  if (share > 0.5) return 1 - betaQuantile(1 - share); // it is symmetric
  let [low, high] = [0, 0.5];
  for (let bits = 0; bits < 60; bits++) {
    const middle = (low + high) / 2;
    if (betaShare(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The regularised incomplete beta function by its continued fraction, Numerical Recipes 6.4. @param x below 0.5 */
function betaShare(x: number): number {
  let [c, d] = [1, 1 / (1 - 2 * shape * x / (shape + 1))];
  let fraction = d;
  for (let m = 1; m <= 60; m++) {
    const at = shape + 2 * m;
    for (const factor of [m * (shape - m) * x / ((at - 1) * at), -(shape + m) * (2 * shape + m) * x / (at * (at + 1))]) {
      d = 1 / (1 + factor * d);
      c = 1 + factor / c;
      fraction *= c * d;
    }
  }
  return (x * (1 - x)) ** shape / (shape * wholeIntegral) * fraction;
}
