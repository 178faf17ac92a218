/** News for someone who waits a while before asking, and begins to wait anew with every word: told again too soon, they would never ask. */
export interface Pace {
  /** There is news. */
  call(): void;
  /** They have asked, and know everything up to now. */
  answered(): void;
  dispose(): void;
}

/** Tell of news at once, but never again before the last was asked about and `pauseMs` have gone by since. */
export function pace(pauseMs: number, tell: () => void): Pace {
  let state: 'free' | 'told' | 'resting' = 'free';
  let news = false;
  let timer: NodeJS.Timeout | undefined;

  function call(): void {
    if (state !== 'free') {
      news = true;
      return;
    }
    news = false;
    state = 'told';
    tell();
  }
  return {
    call,
    answered() {
      if (state !== 'told') return;
      state = 'resting';
      timer = setTimeout(() => {
        state = 'free';
        if (news) call();
      }, pauseMs);
    },
    dispose() { clearTimeout(timer); },
  };
}
