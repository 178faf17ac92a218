/**
 * Estimates the seconds left: after the first step from that one, which also warms the networks up, then from those after it; null before.
 * @param started when the first step began, in milliseconds since the epoch
 */
export function paceOf(started = Date.now()): (done: number, total: number, at: number) => number | null {
  let first: { readonly done: number; readonly at: number } | undefined;
  return (done, total, at) => {
    first ??= { done, at };
    const [made, since] = done > first.done ? [done - first.done, first.at] : [done, started];
    return made === 0 ? null : (at - since) / made * (total - done) / 1000;
  };
}
