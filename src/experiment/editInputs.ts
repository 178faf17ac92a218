import { TorchGenerator } from '../base/torchRandom.ts';
import type { EditSlot, FoundRegion, SiteEdits } from '../instrument/siteEdits.ts';
import { drawWithoutRepeat } from '../sae/permutation.ts';
import { canonicalJson } from '../spec/canonicalJson.ts';
import type { Mask } from '../spec/areaAverage.ts';
import { isRegionName, regionCells } from '../spec/regions.ts';
import type { EditDefinition, RegionDefinition } from './editDefinition.ts';

/** What must be known of a site to edit it. */
export interface EditableSite {
  readonly site: string;
  /** [height, width] in cells. */
  readonly grid: readonly [height: number, width: number];
  /** [n]: mean activation of each concept where it is active. */
  readonly means: ArrayLike<number>;
}

/** What edits refer to. */
export interface EditContext {
  /** In the order of the network. */
  readonly sites: readonly EditableSite[];
  /** Masks by the hash that definitions name. */
  readonly masks: ReadonlyMap<string, Mask>;
  /** Whether the batch has the rows [uncond, cond] of every variant; without guidance it has the one row, which is cond. */
  readonly guided: boolean;
}

/** An edit at one step: what is in force does not depend on when else it is. */
type EditNow = Omit<EditDefinition, 'steps'>;

/** A batch meets the same edits at many steps in a row; an executor goes through few batches at a time. */
const mostKept = 32;

/** Turns edits of runs into numbers for the graph. Answers are kept, so that what does not change from step to step is made once. */
export class EditInputs {
  readonly #sites: ReadonlyMap<string, EditableSite>;
  readonly #masks: EditContext['masks'];
  readonly #guided: boolean;
  readonly #regions = new Map<string, Float32Array>();
  readonly #answers = new Map<string, readonly SiteEdits[]>();

  constructor({ sites, masks, guided }: EditContext) {
    this.#sites = new Map(sites.map((site) => [site.site, site]));
    this.#masks = masks;
    this.#guided = guided;
  }

  /**
   * The edits in force at a step. Amounts of nothing are edits as well: they go through the whole splice.
   * @param variants edits of each run of the batch, whose rows are [uncond x V, cond x V]
   * @returns one entry for each site with an edit, in the order of the network; none where no edit is in force
   * @throws RangeError at a site that cannot be edited, a concept, region or mask that is not known, or `writes` of another length
   */
  at(variants: readonly (readonly EditDefinition[])[], step: number): readonly SiteEdits[] {
    const now = variants.map((edits) => edits.flatMap(({ steps, ...edit }): EditNow[] => (steps.includes(step) ? [edit] : [])));
    if (now.every((edits) => edits.length === 0)) return [];
    const key = canonicalJson(now);
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const answer = this.#make(now);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size >= mostKept) this.#answers.delete(oldest);
    this.#answers.set(key, answer);
    return answer;
  }

  #make(variants: readonly (readonly EditNow[])[]): SiteEdits[] {
    const count = variants.length;
    const bySite = new Map([...this.#sites.keys()].map((site) => [site, Array.from({ length: this.#guided ? 2 * count : count }, (): EditSlot[] => [])]));
    for (const [variant, edits] of variants.entries()) {
      for (const edit of edits) {
        const site = this.#sites.get(edit.site);
        const rows = bySite.get(edit.site);
        if (site === undefined || rows === undefined) throw new RangeError(`the site ${edit.site} cannot be edited; sites that can: ${[...this.#sites.keys()].join(', ') || 'none'}`);
        for (const { row, sign } of this.#rowsOf(edit.branch, variant, count)) rows[row].push(...this.#slots(edit, site, sign));
      }
    }
    return [...bySite].flatMap(([site, rows]) => (rows.some((slots) => slots.length > 0) ? [{ site, rows }] : []));
  }

  /** Rows of the batch on which an edit acts, with the sign of its coefficients there. */
  #rowsOf(branch: EditDefinition['branch'], variant: number, count: number): { row: number; sign: 1 | -1 }[] {
    const cond = { row: this.#guided ? count + variant : variant, sign: 1 as const };
    const uncond = this.#guided ? [{ row: variant, sign: branch === 'contrast' ? -1 as const : 1 as const }] : [];
    switch (branch) {
      case 'cond': return [cond];
      case 'uncond': return uncond;
      case 'both':
      case 'contrast': return [...uncond, cond];
    }
  }

  /** One slot for each concept: the table of operations, multiplied out. With m the region: gain m · inside + (1 − m) · outside, bias m · amount. */
  #slots(edit: EditNow, { site, grid, means }: EditableSite, sign: 1 | -1): EditSlot[] {
    const { concepts, operation, amount, unit, elsewhere, writes, shuffle } = edit;
    if (writes !== undefined && writes.length !== concepts.length) throw new RangeError(`${writes.length} concepts to write for ${concepts.length} read at ${site}`);
    const cells = grid[0] * grid[1];
    const order = shuffle === undefined ? undefined : drawWithoutRepeat(cells, cells, new TorchGenerator(shuffle));
    const found = foundRegion(edit.where);
    const region = found === undefined ? this.#cells(edit.where, grid) : undefined;
    const outside = elsewhere === 'ablate' ? -1 : 0;
    const inside = operation === 'scale' ? amount - 1 : operation === 'set' ? -1 : 0;
    const readsActivation = operation !== 'add' || elsewhere === 'ablate';
    const shared: Pick<EditSlot, 'gain' | 'unit' | 'where'> = {
      unit: unit === 'mean' ? 'raw' : unit,
      ...(readsActivation && {
        gain: Float32Array.from({ length: cells }, (_, cell) => {
          const m = region?.[order?.[cell] ?? cell] ?? 1;
          return sign * (m * inside + (1 - m) * outside);
        }),
      }),
      ...(found !== undefined && { where: { ...found, gainOutside: sign * outside, ...(order !== undefined && { order }) } }),
    };
    return concepts.map((reads, index) => {
      if (reads >= means.length) throw new RangeError(`no concept ${reads} among ${means.length} at ${site}`);
      const height = sign * amount * (unit === 'mean' ? means[reads] : 1);
      return {
        ...shared, reads,
        ...(writes !== undefined && { writes: writes[index] }),
        ...(operation !== 'scale' && { bias: Float32Array.from({ length: cells }, (_, cell) => (region?.[order?.[cell] ?? cell] ?? 1) * height) }),
      };
    });
  }

  /** m of a region whose shape is known, [cells]. */
  #cells(where: RegionDefinition, grid: readonly [height: number, width: number]): Float32Array {
    const key = canonicalJson([where, grid]);
    const known = this.#regions.get(key);
    if (known !== undefined) return known;
    const cells = regionCells(this.#fixedRegion(where), ...grid);
    this.#regions.set(key, cells);
    return cells;
  }

  #fixedRegion(where: RegionDefinition): Parameters<typeof regionCells>[0] {
    if (typeof where === 'string') {
      if (!isRegionName(where)) throw new RangeError(`no region is called ${where}`);
      return where;
    }
    if ('box' in where || 'polygon' in where) return where;
    if (!('mask' in where)) throw new RangeError('a region of concepts is found in the graph');
    const mask = this.#masks.get(where.mask);
    if (mask === undefined) throw new RangeError(`no mask of the hash ${where.mask}`);
    return { mask };
  }
}

function foundRegion(where: RegionDefinition): Pick<FoundRegion, 'concepts' | 'above'> | undefined {
  return typeof where === 'object' && 'concepts' in where ? where : undefined;
}
