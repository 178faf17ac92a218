/** A measured number with two significant digits, as panels and reports show it. */
export function short(value: number): string {
  return String(Number(value.toPrecision(2)));
}

/** A share as a percentage with two significant digits. */
export function percent(share: number): string {
  return `${short(share * 100)} %`;
}
