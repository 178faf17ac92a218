/** What people are told first is a guess; before that they are told nothing. */
const settleMs = 2000;

/**
 * How long a download still takes, at the pace it has had so far.
 * @param total bytes @returns called with the bytes that are there and a time in milliseconds: `40 sec`, `3 min`; undefined where nothing can be said yet
 */
export function timeLeft(total: number, language: string): (loaded: number, now: number) => string | undefined {
  let start: { readonly loaded: number; readonly now: number } | undefined;
  return (loaded, now) => {
    // what an earlier attempt left is there at once, and says nothing of the pace; neither does a part that begins anew
    if (start === undefined || loaded < start.loaded) start = { loaded, now };
    const [bytes, ms] = [loaded - start.loaded, now - start.now];
    if (bytes === 0 || ms < settleMs) return undefined;
    const seconds = Math.max(0, total - loaded) * ms / bytes / 1000;
    const [unit, value] = seconds < 60 ? ['second', seconds] as const : seconds < 5400 ? ['minute', seconds / 60] as const : ['hour', seconds / 3600] as const;
    return new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: 0 }).format(Math.ceil(value));
  };
}
