/** Something that is made when it is first asked for, and once. */
export interface Lazy<T> {
  (): Promise<T>;
  /** Give up what was made, or is being made. */
  dispose(): void;
}

/**
 * Make something when it is first asked for, most often out of code that `import()` loads only then. Whoever asks while it is being made gets the same one; after a failure the next
 * who asks makes it anew. What has a `dispose` is disposed with this, also where it is finished only afterwards.
 */
export function lazily<T extends object>(make: () => Promise<T>): Lazy<T> {
  let making: Promise<T> | undefined;
  const made: T[] = [];
  const end = new AbortController();

  async function begin(): Promise<T> {
    end.signal.throwIfAborted();
    const one = await make();
    made.push(one);
    if (end.signal.aborted) discard();
    return one;
  }
  function discard(): void {
    for (const one of made.splice(0)) if ('dispose' in one) (one as T & { dispose(): void }).dispose();
  }
  return Object.assign(() => making ??= begin().catch((error: unknown) => {
    making = undefined;
    throw error;
  }), {
    dispose() {
      end.abort(new Error('asked for after its end'));
      discard();
    },
  });
}
