/** Estimates the seconds left from the steps after the first, which also warms the networks up; null until there is one. */
export function paceOf(): (done: number, total: number, at: number) => number | null {
  let first: number | undefined;
  return (done, total, at) => {
    first ??= at;
    return done < 2 ? null : (at - first) / (done - 1) * (total - done) / 1000;
  };
}
