/** The end of a ramp that holds a strength: 1, 2.5 or 5 times a power of ten, the whole picture at most; what is beyond that is drawn like it. */
export function roundAbove(strength: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(strength, 1e-4)));
  return Math.min([1, 2.5, 5, 10].map((times) => times * power).find((end) => end >= strength * (1 - 1e-9)) ?? 1, 1);
}
