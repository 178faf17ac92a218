import { mkdir, open, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { checkShape } from '../base/checkShape.ts';
import { InputError } from '../base/errors.ts';
import { fileError, readFileBytes } from '../base/fileBytes.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import { npyHeader, parseNpy } from '../base/npy.ts';
import { recordOf } from '../base/recordOf.ts';
import { bytesOf } from '../base/tensor.ts';

const manifestName = 'buffer.json';

/** One shard is read into memory at a time. */
const defaultShardBytes = 64 * 2 ** 20;

/** How large a buffer may become. */
export interface BufferLimit {
  /** All sites together. */
  readonly bytes: number;
  /** One file. */
  readonly shardBytes?: number;
}

const manifestSchema = Type.Object({
  format: Type.Literal(1),
  /** Hash of everything that decides the content. */
  key: Type.String(),
  generations: Type.Integer({ minimum: 1 }),
  /** Generations whose rows are written. */
  done: Type.Integer({ minimum: 0 }),
  sites: recordOf(Type.Object({
    d: Type.Integer({ minimum: 1 }),
    rowsPerGeneration: Type.Integer({ minimum: 1 }),
    shards: Type.Integer({ minimum: 1 }),
  })),
});

type Manifest = Static<typeof manifestSchema>;

/** Shape of one site's part: `generations · rowsPerGeneration` rows of width d, dealt to `shards` files. */
type SiteRows = Manifest['sites'][string];

/** How much of a site one generation yields. */
export interface SiteYield {
  readonly site: string;
  readonly d: number;
  /** Cells of all steps together. */
  readonly cells: number;
}

/**
 * Activations of several sites on disk, as shards of NumPy arrays [rows, d] below a folder: `SITE/00000.npy`, ...
 *
 * Its size is bounded before the first row is written: every generation gives the same number of rows, drawn at random from its cells, so
 * that a small buffer still has cells of all prompts and steps. Row r of a site lies in shard r mod `shards`: rows of one generation are
 * scattered over all shards, and a shard is a random sample of the whole. Places are known beforehand, so writing again after a kill
 * changes nothing.
 */
export class ActivationBuffer {
  readonly #folder: string;
  readonly #manifest: Manifest;
  readonly #handles = new Map<string, FileHandle>();

  private constructor(folder: string, manifest: Manifest) {
    this.#folder = folder;
    this.#manifest = manifest;
  }

  /**
   * The buffer in `folder`, if it was begun there with the same key and has these sites; while it is not complete, no others.
   * @throws InputError when its manifest is malformed
   */
  static async resume(folder: string, key: string, sites: readonly string[]): Promise<ActivationBuffer | undefined> {
    const file = join(folder, manifestName);
    if (!await stat(file).then(() => true, () => false)) return undefined;
    const manifest = checkShape(manifestSchema, await readJsonFile(file), file, 'Delete the folder; its activations are collected anew.');
    const names = Object.keys(manifest.sites);
    const usable = manifest.key === key && sites.every((site) => names.includes(site)) && (manifest.done === manifest.generations || names.length === sites.length);
    return usable ? new ActivationBuffer(folder, manifest) : undefined;
  }

  /**
   * Begin a buffer; one that stands in `folder` is deleted.
   * @throws InputError when the limit leaves no row for some generation
   */
  static async create(
    folder: string, plan: { readonly key: string; readonly generations: number; readonly yields: readonly SiteYield[] },
    { bytes, shardBytes = defaultShardBytes }: BufferLimit,
  ): Promise<ActivationBuffer> {
    const { key, generations, yields } = plan;
    const bytesPerRow = yields.reduce((sum, { d }) => sum + 4 * d, 0);
    const share = bytes / bytesPerRow / generations;
    const sites = Object.fromEntries(yields.map(({ site, d, cells }) => {
      const rowsPerGeneration = Math.min(cells, Math.floor(share));
      return [site, { d, rowsPerGeneration, shards: Math.ceil(generations * rowsPerGeneration * d * 4 / shardBytes) }];
    }));
    if (share < 1) {
      throw new InputError(`${bytes} bytes do not hold one cell of each of ${generations} generations`, {
        file: folder, remedy: `Allow at least ${Math.ceil(bytesPerRow * generations / 2 ** 20)} MB (--buffer-mb), or use fewer prompts or sites.`,
      });
    }
    await rm(folder, { recursive: true, force: true });
    const buffer = new ActivationBuffer(folder, { format: 1, key, generations, done: 0, sites });
    for (const site of Object.keys(sites)) await mkdir(join(folder, site), { recursive: true });
    await buffer.#save();
    return buffer;
  }

  /** Generations that are in it. */
  get done(): number {
    return this.#manifest.done;
  }

  get sites(): ReadonlyMap<string, SiteRows> {
    return new Map(Object.entries(this.#manifest.sites));
  }

  /**
   * Write the next generation.
   * @param rows by site, each [rowsPerGeneration, d], in random order
   */
  async add(rows: ReadonlyMap<string, Float32Array>): Promise<void> {
    for (const [site, { d, rowsPerGeneration, shards }] of Object.entries(this.#manifest.sites)) {
      const values = rows.get(site);
      if (values?.length !== rowsPerGeneration * d) throw new RangeError(`${site}: not ${rowsPerGeneration} rows of ${d}`);
      const first = this.done * rowsPerGeneration;
      for (let offset = 0; offset < Math.min(shards, rowsPerGeneration); offset++) {
        const mine = Array.from({ length: Math.ceil((rowsPerGeneration - offset) / shards) }, (_, index) => offset + index * shards);
        const block = new Float32Array(mine.length * d);
        for (const [index, row] of mine.entries()) block.set(values.subarray(row * d, (row + 1) * d), index * d);
        await this.#write(site, (first + offset) % shards, Math.floor((first + offset) / shards), block);
      }
    }
    this.#manifest.done++;
    await this.#save();
  }

  /** Rows of a site in one shard. */
  rowsInShard(site: string, shard: number): number {
    return Math.ceil((this.rows(site) - shard) / this.#manifest.sites[site].shards);
  }

  /** Rows of a site in all shards of the complete buffer. */
  rows(site: string): number {
    return this.#manifest.generations * this.#manifest.sites[site].rowsPerGeneration;
  }

  /** Close the files that `add` opened. */
  async close(): Promise<void> {
    await Promise.all([...this.#handles.values()].map((handle) => handle.close()));
    this.#handles.clear();
  }

  /** One shard of a complete buffer, [rows, d]. @throws InputError when it is damaged */
  async readShard(site: string, shard: number): Promise<Float32Array> {
    const file = this.#path(site, shard);
    return parseNpy(await readFileBytes(file), file).data as Float32Array;
  }

  async #write(site: string, shard: number, row: number, block: Float32Array): Promise<void> {
    const path = this.#path(site, shard);
    const { d } = this.#manifest.sites[site];
    try {
      let handle = this.#handles.get(path);
      const header = npyHeader('float32', [this.rowsInShard(site, shard), d]);
      if (handle === undefined) {
        handle = await open(path, row === 0 ? 'w' : 'r+');
        this.#handles.set(path, handle);
        await handle.write(header, 0, header.length, 0);
      }
      await handle.write(bytesOf(block), 0, block.byteLength, header.length + row * d * 4);
    } catch (error) {
      throw fileError(error, path);
    }
  }

  #path(site: string, shard: number): string {
    return join(this.#folder, site, `${String(shard).padStart(5, '0')}.npy`);
  }

  async #save(): Promise<void> {
    await writeFileAtomic(join(this.#folder, manifestName), JSON.stringify(this.#manifest));
  }
}
