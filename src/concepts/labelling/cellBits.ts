/** A set of cells, a bit each: cell c is bit c % 32 of word c / 32. */
export type CellBits = Uint32Array;

/** Words that a set of this many cells takes. */
export function wordsFor(cells: number): number {
  return Math.ceil(cells / 32);
}

/** @param cells 1 where a cell is in the set */
export function packCells(cells: Uint8Array): CellBits {
  const words = new Uint32Array(wordsFor(cells.length));
  for (let cell = 0; cell < cells.length; cell++) {
    if (cells[cell] !== 0) words[cell >>> 5] |= 1 << (cell & 31);
  }
  return words;
}

/** Intersection over union of `set` and set `row` of `sets`; 0 where both are empty. @param sets [rows, words] */
export function bitIou(set: CellBits, sets: Uint32Array, row: number): number {
  let intersection = 0;
  let union = 0;
  for (let word = 0, at = row * set.length; word < set.length; word++, at++) {
    intersection += bitsOf(set[word] & sets[at]);
    union += bitsOf(set[word] | sets[at]);
  }
  return union === 0 ? 0 : intersection / union;
}

/** Share of set `row` of `sets`, which is not empty, that lies in `set`. @param sets [rows, words] */
export function bitShare(set: CellBits, sets: Uint32Array, row: number): number {
  let inside = 0;
  let all = 0;
  for (let word = 0, at = row * set.length; word < set.length; word++, at++) {
    inside += bitsOf(set[word] & sets[at]);
    all += bitsOf(sets[at]);
  }
  return inside / all;
}

/** Ones among 32 bits (Warren, Hacker's Delight, 5-1). */
function bitsOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
