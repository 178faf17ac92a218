import type { PanelData, PanelRun, PanelSite } from '../protocol.ts';

/** What invented data look like; it is for tests, screenshots and the bench, and no part of the panel. */
export interface GenerateOptions {
  readonly steps?: number;
  readonly seeds?: number;
  readonly sites?: readonly GeneratedSite[];
  /** Columns that have come, per run; all where left out. */
  readonly filled?: readonly number[];
  /** Pixels of a preview, each way. */
  readonly side?: number;
  readonly overrides?: Partial<PanelData>;
}

export interface GeneratedSite {
  readonly site: string;
  /** Cells each way. */
  readonly side: number;
  readonly n: number;
  readonly k: number;
}

/** Sites of the size of Scenes. */
const smallSites: readonly GeneratedSite[] = [
  { site: 'down_blocks.1.attentions.0', side: 16, n: 768, k: 8 },
  { site: 'mid_block.attentions.0', side: 8, n: 896, k: 8 },
  { site: 'up_blocks.0.attentions.0', side: 8, n: 896, k: 8 },
];

/** Sites of the size that the panel must bear: Stable Diffusion's, with 5120 concepts each. */
export const largeSites: readonly GeneratedSite[] = [
  { site: 'down_blocks.2.attentions.1', side: 16, n: 5120, k: 32 },
  { site: 'mid_block.attentions.0', side: 16, n: 5120, k: 32 },
  { site: 'up_blocks.1.attentions.0', side: 16, n: 5120, k: 32 },
  { site: 'up_blocks.1.attentions.1', side: 32, n: 5120, k: 32 },
  { site: 'up_blocks.2.attentions.1', side: 32, n: 5120, k: 32 },
];

/** A thing of the invented world: where it ends, how large it is, and when it comes. Times in [0, 1]. */
interface Thing {
  readonly label: string;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly from: number;
  readonly peak: number;
  readonly to: number;
}

const things: readonly Thing[] = [
  { label: 'horizon', x: 0.5, y: 0.55, radius: 0.42, from: 0, peak: 0.05, to: 0.6 },
  { label: 'meadow', x: 0.5, y: 0.85, radius: 0.36, from: 0, peak: 0.15, to: 1.2 },
  { label: 'red house', x: 0.28, y: 0.52, radius: 0.17, from: 0.02, peak: 0.25, to: 1.4 },
  { label: 'tree', x: 0.74, y: 0.48, radius: 0.16, from: 0.06, peak: 0.4, to: 1.4 },
  { label: 'sky', x: 0.5, y: 0.15, radius: 0.34, from: 0, peak: 0.3, to: 1.3 },
  { label: 'roof', x: 0.28, y: 0.38, radius: 0.1, from: 0.2, peak: 0.55, to: 1.4 },
  { label: 'striped', x: 0.3, y: 0.6, radius: 0.14, from: 0.5, peak: 0.8, to: 1.4 },
  { label: 'left', x: 0.2, y: 0.5, radius: 0.3, from: 0, peak: 0.1, to: 0.5 },
  { label: 'blue', x: 0.74, y: 0.45, radius: 0.13, from: 0.15, peak: 0.5, to: 1.3 },
  { label: 'texture of grass', x: 0.5, y: 0.9, radius: 0.3, from: 0.6, peak: 0.95, to: 1.4 },
];

/** What an invented edit does to the invented world: from a step on, the house and all that is about it goes to another place. */
export interface GeneratedEdit {
  readonly from: number;
  /** How far, as a share of the picture's width; a share of the way is reached when the edit comes late. */
  readonly by: number;
}

const movable = new Set(['red house', 'roof', 'striped']);

/** Data of the size that the panel must bear. */
export function generateLarge(seeds: number): PanelData {
  return generate({ steps: 50, seeds, sites: largeSites });
}

/** Data as a run gives them, the same ones for the same options. */
export function generate({ steps = 30, seeds = 1, sites = smallSites, filled, side = 64, overrides = {} }: GenerateOptions = {}): PanelData {
  const columns = Array.from({ length: steps }, (_, step) => step);
  const panelSites = sites.map(panelSite);
  return {
    title: 'a red house left and a blue tree right, meadow',
    specName: 'house.dmi.json', modelName: 'scenes', sampler: `ddim ${steps}`,
    runsInAll: seeds, totalSteps: steps, steps: columns, t: columns.map((step) => 1 - step / steps),
    sites: panelSites,
    runs: Array.from({ length: seeds }, (_, seed) => generateRun(seed, panelSites, { steps, filled: filled?.at(seed) ?? steps, side })),
    state: { kind: 'done', seconds: 4.1, cached: false },
    stale: false, canInsert: true, canRun: true, language: 'en',
    ...overrides,
  };
}

/** A site whose concepts have the names of the invented world. */
export function panelSite({ site, side, n, k }: GeneratedSite): PanelSite {
  const labels = Object.fromEntries(things.map(({ label }, at) => [numberOf(at, n), label]));
  return { site, branch: 'cond', height: side, width: side, d: 96, n, k, labels, typical: new Float32Array(n).fill(2), contextFree: [numberOf(0, n)] };
}

/** Things have numbers all over the SAE. */
function numberOf(thing: number, n: number): number {
  return (88 + 74 * thing) % n;
}

interface RunOptions {
  readonly steps: number;
  readonly filled: number;
  readonly side: number;
  readonly edit?: GeneratedEdit;
}

/** One run of the invented model. */
export function generateRun(seed: number, sites: readonly PanelSite[], { steps, filled, side, edit }: RunOptions): PanelRun {
  /** How far the house has gone by a step. */
  const moved = (step: number): number => (edit === undefined || step < edit.from ? 0 : edit.by * Math.min(1, (step - edit.from + 1) / 4));
  return {
    seed, title: `seed ${seed}`, folder: filled === steps ? `/ws/.dmi/runs/${(0x9e3779b9 * (seed + 1) >>> 0).toString(16).padStart(8, '0')}` : null,
    previews: Array.from({ length: steps }, (_, step) => (step < filled ? picture(seed, (step + 1) / steps, side, moved(step)) : null)),
    filled: Array.from({ length: steps }, (_, step) => step < filled),
    image: filled === steps ? picture(seed, 1, 2 * side, moved(steps - 1)) : null,
    codes: sites.map((site, at) => generateCodes(site, steps, filled, random(1000 * seed + at), moved)),
  };
}

function generateCodes({ height, width, n, k }: PanelSite, steps: number, filled: number, draw: () => number, moved: (step: number) => number): PanelRun['codes'][number] {
  const cells = height * width;
  const indices = new Int32Array(steps * cells * k);
  const values = new Float32Array(steps * cells * k);
  const own = things.map(() => ({ x: 0.06 * (draw() - 0.5), y: 0.06 * (draw() - 0.5), gain: 0.7 + 0.6 * draw(), delay: 0.12 * (draw() - 0.5) }));
  // Nameless concepts share the rest: each has a home and a time, which are hashes of its number.
  const many = Math.min(n - things.length, Math.round(n * 0.7));
  const stride = Math.max(1, Math.floor(many / cells));
  const named = new Set(things.map((_, at) => numberOf(at, n)));
  for (let step = 0; step < filled; step++) {
    const time = step / Math.max(steps - 1, 1);
    for (let cell = 0; cell < cells; cell++) {
      const [x, y] = [((cell % width) + 0.5) / width, (Math.floor(cell / width) + 0.5) / height];
      let at = (step * cells + cell) * k;
      const end = at + k;
      for (let thing = 0; thing < things.length && at < end; thing++) {
        const { label, x: homeX, y: homeY, radius, from, peak, to } = things[thing];
        const { x: aside, y: below, gain, delay } = own[thing];
        const now = time - delay;
        const blur = 1 + 0.8 * Math.max(0, 0.3 - time); // places are vague at first
        const gone = movable.has(label) ? moved(step) : 0;
        const distance = Math.hypot(x - homeX - aside - gone, y - homeY - below) / (radius * blur);
        const course = now < from ? 0 : now < peak ? (now - from) / (peak - from) : Math.max(0, 1 - (now - peak) / (to - peak));
        const z = 4 * gain * (1 + 0.6 * Math.abs(gone)) * Math.sqrt(course) * (1.15 - distance ** 2) * (0.8 + 0.4 * draw());
        if (z <= 0.05) continue;
        indices[at] = numberOf(thing, n);
        values[at++] = z;
      }
      for (let slot = 0; at < end; slot++, at++) {
        let concept = (7 + cell * stride + slot * 131 + (step >> 2) * 17) % many;
        while (named.has(concept)) concept += 1;
        indices[at] = concept;
        values[at] = draw() < 0.25 ? 0 : 1.4 * draw();
      }
    }
  }
  return { indices, values };
}

/** The invented picture at a share of the way, from noise to the world. */
function picture(seed: number, share: number, side: number, moved: number): Uint8Array {
  const draw = random(77 + seed);
  const rgb = new Uint8Array(side * side * 3);
  const certain = Math.min(1, 1.25 * share);
  for (let pixel = 0; pixel < side * side; pixel++) {
    const [x, y] = [((pixel % side) + 0.5) / side + 0.01 * seed, (Math.floor(pixel / side) + 0.5) / side];
    const colour = colourAt(x, y, 0.28 + moved);
    for (let channel = 0; channel < 3; channel++) rgb[3 * pixel + channel] = certain * colour[channel] + (1 - certain) * (90 + 90 * draw());
  }
  return encodePng(side, rgb);
}

function colourAt(x: number, y: number, house: number): readonly [number, number, number] {
  if (Math.abs(x - house) < 0.13 && y > 0.42 && y < 0.66) return Math.abs(x - house) < 0.03 && y > 0.53 ? [96, 56, 40] : [196, 56, 44];
  if (y > 0.3 && y <= 0.42 && Math.abs(x - house) < 1.4 * (y - 0.3)) return [120, 40, 36];
  if (Math.hypot(x - 0.74, y - 0.42) < 0.14) return [48, 88, 190];
  if (Math.abs(x - 0.74) < 0.02 && y > 0.5 && y < 0.66) return [92, 64, 44];
  return y > 0.58 ? [92 - 40 * (y - 0.58), 150, 64] : [150 + 60 * y, 190 + 30 * y, 236];
}

/** Mulberry32: small, and the same everywhere. @returns numbers in [0, 1) */
function random(seed: number): () => number {
  let state = (seed + 1) * 0x6d2b79f5;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A PNG whose pixels are stored, not compressed: neither Node nor a library is needed. */
function encodePng(side: number, rgb: Uint8Array): Uint8Array {
  const raw = new Uint8Array(side * (3 * side + 1));
  for (let row = 0; row < side; row++) raw.set(rgb.subarray(row * 3 * side, (row + 1) * 3 * side), row * (3 * side + 1) + 1);
  const blocks: number[][] = [];
  for (let from = 0; from < raw.length; from += 65535) {
    const part = raw.subarray(from, from + 65535);
    blocks.push([from + part.length === raw.length ? 1 : 0, part.length & 255, part.length >> 8, ~part.length & 255, (~part.length >> 8) & 255, ...part]);
  }
  let [a, b] = [1, 0]; // Adler-32
  for (const byte of raw) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return Uint8Array.from([
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a,
    ...chunk('IHDR', [...bytes(side), ...bytes(side), 8, 2, 0, 0, 0]), ...chunk('IDAT', [0x78, 1, ...blocks.flat(), ...bytes((b << 16) | a)]), ...chunk('IEND', []),
  ]);
}

function chunk(name: string, data: readonly number[]): number[] {
  const body = [...Array.from(name, (letter) => letter.charCodeAt(0)), ...data];
  return [...bytes(data.length), ...body, ...bytes(crc32(body))];
}

function crc32(data: readonly number[]): number {
  let crc = -1;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

function bytes(value: number): number[] {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);
}
