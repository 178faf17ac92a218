/** Estimates the seconds left from the steps after the first, which also warms the networks up; null until there is one. */
export function paceOf(): (done: number, total: number, at: number) => number | null {
  let first: { readonly done: number; readonly at: number } | undefined;
  return (done, total, at) => {
    first ??= { done, at };
    return done <= first.done ? null : (at - first.at) / (done - first.done) * (total - done) / 1000;
  };
}
