/** A range that holds another one and ends on round numbers. */
export function niceRange(low: number, high: number): readonly [from: number, to: number] {
  if (!(high > low)) return [low, low + 1];
  const step = niceStep(high - low);
  const round = (value: number): number => Number((value * step).toPrecision(12));
  return [round(Math.floor(low / step + 1e-9)), round(Math.ceil(high / step - 1e-9))];
}

/** Round numbers from one end to the other. */
export function ticksOf(from: number, to: number): number[] {
  const step = niceStep(to - from);
  const first = Math.ceil(from / step - 1e-9);
  return Array.from({ length: Math.floor(to / step + 1e-9) - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)) + 0);
}

/** 1, 2, 2.5 or 5 times a power of ten: some three to six of them make the range. */
function niceStep(range: number): number {
  const power = 10 ** Math.floor(Math.log10(range));
  return [0.25, 0.5, 1, 2.5, 5].map((times) => times * power).find((step) => range / step <= 6) ?? 10 * power;
}
