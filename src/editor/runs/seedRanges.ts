/** Seeds as people write them: `0–2, 7`; beyond `most` ranges the rest is left out. */
export function seedRanges(seeds: Iterable<number>, most = 4): string {
  const ranges: [first: number, last: number][] = [];
  for (const seed of [...new Set(seeds)].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.[1] === seed - 1) last[1] = seed;
    else ranges.push([seed, seed]);
  }
  const shown = ranges.slice(0, most).map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`));
  return [...shown, ...(ranges.length > most ? ['…'] : [])].join(', ');
}
