/** Two significant digits, and never 1.2e+3. */
export function twoDigits(value: number): string {
  return String(Number(value.toPrecision(2)));
}

/** Diffusion time: two decimals. */
export function time(t: number): string {
  return t.toFixed(2);
}

/** How a language writes a duration. */
export interface DurationTexts {
  readonly seconds: (value: string) => string;
  readonly minutes: (value: string) => string;
}

/** `41 s`, `2.5 min`. */
export function duration(seconds: number, texts: DurationTexts): string {
  return seconds < 90 ? texts.seconds(seconds < 10 ? twoDigits(seconds) : String(Math.round(seconds))) : texts.minutes(twoDigits(seconds / 60));
}
