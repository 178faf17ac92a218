const blocks = ' ▁▂▃▄▅▆▇█';

/**
 * A curve as a line of block characters, scaled to its own maximum. What is above zero is never drawn as nothing.
 * @param values non-negative. @param width characters at most; wider curves are averaged down
 */
export function sparkline(values: ArrayLike<number>, width: number): string {
  const columns = Math.min(values.length, width);
  const means = Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * values.length) / columns);
    const to = Math.max(from + 1, Math.floor(((column + 1) * values.length) / columns));
    return Array.from({ length: to - from }, (__, offset) => values[from + offset]).reduce((a, b) => a + b, 0) / (to - from);
  });
  const max = Math.max(...means, 0);
  return means.map((value) => blocks[value <= 0 ? 0 : Math.max(1, Math.round((value / max) * 8))]).join('');
}
