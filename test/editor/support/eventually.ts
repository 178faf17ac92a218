import { setTimeout as pause } from 'node:timers/promises';

/**
 * What `look` finds once it finds something that holds.
 * @param holds left out: not undefined @throws Error with the last thing found, after `seconds`
 */
export async function eventually<T>(what: string, look: () => T | PromiseLike<T>, holds: (found: T) => boolean = (found) => found !== undefined, seconds = 20): Promise<NonNullable<T>> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (holds(found)) return found as NonNullable<T>;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s; the last seen was ${JSON.stringify(found, undefined, 1)}`);
    await pause(50);
  }
}
