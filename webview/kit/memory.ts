/** Whether a value that was kept over a reload is as it should be. */
export type Check<T> = (value: unknown) => value is T;

export function orNull<T>(fits: Check<T>): Check<T | null> {
  return (value): value is T | null => value === null || fits(value);
}

export function listOf<T>(fits: Check<T>): Check<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(fits);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

export function isShare(value: unknown): value is number {
  return isNumber(value) && value >= 0 && value <= 1;
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 1000;
}

/** A record that was kept; an empty one where it is none. */
export function recordFrom(memory: unknown): Readonly<Record<string, unknown>> {
  return isRecord(memory) ? memory : {};
}

/** Takes a part of what was kept; one that is not as it should be, is as at first. */
export function taker<V extends object>(kept: Readonly<Record<string, unknown>>, first: V): <K extends keyof V & string>(key: K, fits: Check<V[K]>) => V[K] {
  return (key, fits) => {
    const value = kept[key];
    return fits(value) ? value : first[key];
  };
}
