import { float32 } from '../base/tensor.ts';
import type { Tensor } from '../base/tensor.ts';
import type { EditSlot, SiteEdits } from './siteEdits.ts';

/** Rows [first, end) of a batch. */
export type RowRange = readonly [first: number, end: number];

/** What a site's editing graph is given at every step; `r` are the edited rows, `s` the slots of a row, `p` the cells. */
export type EditFeeds = Readonly<Record<keyof typeof editInputs, Tensor>>;

/** Types and shapes of these inputs. */
export const editInputs = {
  /** Whether any row is edited; the others are not looked at where it is false. */
  active: ['bool', []],
  /** How many rows lie before, within and after the edited ones. */
  rows: ['int64', [3]],
  /** See `switches`. */
  switches: ['bool', [5]],
  /** Concepts read and written. */
  concepts: ['int64', [2, 'r', 's']],
  /** Gains and biases. */
  amounts: ['float32', [2, 'r', 's', 'p']],
  /** See `rules`; the last s tell which slots' concepts a slot's region is made of. */
  rules: ['float32', [ 'r', 's', 'rules']],
  /** In which order the cells of a found region are put. */
  order: ['int64', ['r', 's', 'p']],
} as const;

/** What the graph need not do: whether it reads activations, may take those of the trace, knows units, finds regions, writes along other concepts. */
export const switches = ['reads', 'traced', 'scaled', 'finds', 'rewrites'] as const;

/** Numbers of a slot: how much of its unit is raw, norm or share; gain outside of a found region, its threshold, and 1 where there is none. */
export const rules = ['raw', 'norm', 'share', 'outside', 'above', 'fixed'] as const;

const bool = (shape: readonly number[], ...values: readonly boolean[]): Tensor => ({ dtype: 'bool', shape, data: Uint8Array.from(values, Number) });
const int64 = (shape: readonly number[], values: Iterable<number>): Tensor => ({ dtype: 'int64', shape, data: BigInt64Array.from(values, BigInt) });

/** What is given where nothing is edited. */
export const idleFeeds: EditFeeds = {
  active: bool([], false),
  rows: int64([3], [0, 0, 0]),
  switches: bool([switches.length], ...switches.map(() => false)),
  concepts: int64([2, 1, 1], [0, 0]),
  amounts: float32(new Float32Array(2), [2, 1, 1, 1]),
  rules: float32(new Float32Array(rules.length + 1), [1, 1, rules.length + 1]),
  order: int64([1, 1, 1], [0]),
};

/**
 * Edits as the graph takes them.
 * @param n concepts of the SAE. @param traced rows whose codes the trace computes with the same SAE
 * @throws RangeError when they do not fit the batch, name concepts that do not exist, disagree on the cells, or hold numbers that are not finite
 */
export function packEdits({ site, rows }: SiteEdits, batch: number, n: number, traced: RowRange | undefined): EditFeeds {
  const fail = (message: string): never => { throw new RangeError(`edits at ${site}: ${message}`); };
  if (rows.length !== batch) fail(`${rows.length} rows for a batch of ${batch}`);
  const edited = rows.flatMap((slots, row) => slots.length > 0 ? [row] : []);
  if (edited.length === 0) return idleFeeds;
  const own: RowRange = [edited[0], edited[edited.length - 1] + 1];
  const shared = traced !== undefined && traced[0] <= own[0] && own[1] <= traced[1];
  const [first, end] = shared ? traced : own;
  const chosen = rows.slice(first, end).map(slots => [...slots, ...regionSlots(slots)]);
  const r = chosen.length;
  const s = Math.max(...chosen.map(slots => slots.length));
  const p = cellsOf(chosen, fail);

  const concepts = new BigInt64Array(2 * r * s);
  const amounts = new Float32Array(2 * r * s * p);
  const wide = rules.length + s;
  const numbers = new Float32Array(r * s * wide);
  const finds = chosen.some(slots => slots.some(({ where }) => where !== undefined));
  const order = finds ? BigInt64Array.from({ length: r * s * p }, (_, at) => BigInt(at % p)) : undefined;
  for (const [row, slots] of chosen.entries()) {
    for (let index = 0; index < s; index++) {
      const at = row * s + index;
      const slot = slots.at(index) ?? emptySlot;
      for (const [half, concept] of [slot.reads, slot.writes ?? slot.reads].entries()) {
        if (!Number.isInteger(concept) || concept < 0 || concept >= n) fail(`no concept ${concept} among ${n}`);
        concepts[half * r * s + at] = BigInt(concept);
      }
      for (const [half, values] of [slot.gain, slot.bias].entries()) {
        if (values !== undefined) amounts.set(values, (half * r * s + at) * p);
      }
      const { where } = slot;
      numbers.set([
        Number(slot.unit === 'raw'), Number(slot.unit === 'norm'), Number(slot.unit === 'share'), where?.gainOutside ?? 0, where?.above ?? 0, Number(where === undefined),
      ], at * wide);
      for (const concept of where?.concepts ?? []) {
        numbers[at * wide + rules.length + slots.findIndex(({ reads }) => reads === concept)] = 1;
      }
      if (where?.order !== undefined) {
        if (where.order.some(cell => cell >= p)) fail('an order names a cell that does not exist');
        order?.set(BigInt64Array.from(where.order, BigInt), at * p);
      }
    }
  }
  if (!amounts.every(Number.isFinite) || !numbers.every(Number.isFinite)) fail('an amount is not a finite number');
  const all = chosen.flat();
  const scaled = all.some(({ unit }) => unit !== 'raw');
  const reads = scaled || finds || all.some(({ gain }) => gain !== undefined);
  return {
    active: bool([], true),
    rows: int64([3], [first, end - first, batch - end]),
    switches: bool([switches.length], reads, shared, scaled, finds, all.some(slot => slot.writes !== undefined && slot.writes !== slot.reads)),
    concepts: { dtype: 'int64', shape: [2, r, s], data: concepts },
    amounts: float32(amounts, [2, r, s, p]),
    rules: float32(numbers, [r, s, wide]),
    order: order === undefined ? idleFeeds.order : { dtype: 'int64', shape: [r, s, p], data: order },
  };
}

/** A slot that does nothing, to make rows of equal length. */
const emptySlot: EditSlot = { reads: 0, unit: 'raw' };

/** Concepts that only regions are made of are read as well: a slot for each that is not read anyway. */
function regionSlots(slots: readonly EditSlot[]): EditSlot[] {
  const read = new Set(slots.map(({ reads }) => reads));
  const wanted = new Set(slots.flatMap(({ where }) => where?.concepts ?? []));
  return [...wanted].filter(concept => !read.has(concept)).map(reads => ({ reads, unit: 'raw' }));
}

/** Lengths of all that is given per cell. */
function lengthsOf(rows: SiteEdits['rows']): Set<number> {
  return new Set(rows.flat().flatMap(({ gain, bias, where }) => [gain, bias, where?.order].flatMap(values => values === undefined ? [] : [values.length])));
}

function cellsOf(rows: SiteEdits['rows'], fail: (message: string) => never): number {
  const lengths = [...lengthsOf(rows)];
  return lengths.length === 1 && lengths[0] > 0 ? lengths[0] : fail(`amounts for ${lengths.join(' and ') || 'no'} cells`);
}

/** @throws RangeError unless edits are made for so many cells */
export function checkCells(site: string, rows: SiteEdits['rows'], cells: number): void {
  const wrong = [...lengthsOf(rows)].find(length => length !== cells);
  if (wrong !== undefined) throw new RangeError(`edits at ${site}: amounts for ${wrong} cells, the site has ${cells}`);
}
