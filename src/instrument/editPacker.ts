import { closest } from '../base/closest.ts';
import type { Tensor } from '../base/tensor.ts';
import { editInputs, idleFeeds, packEdits } from './editFeeds.ts';
import type { EditFeeds, RowRange } from './editFeeds.ts';
import { editInput } from './editGraph.ts';
import type { SiteEditor, SiteEdits } from './siteEdits.ts';
import type { SiteEncoder } from './siteEncoder.ts';

const parts = Object.keys(editInputs) as (keyof typeof editInputs)[];

/** Gives the inputs of all editable sites their values; edits that come again are packed once. */
export class EditPacker {
  readonly inputs: ReadonlySet<string>;
  readonly #editors: ReadonlyMap<string, SiteEditor>;
  readonly #traced: (site: string, batch: number) => RowRange | undefined;
  readonly #idle: Readonly<Record<string, Tensor>>;
  readonly #packed = new WeakMap<SiteEdits, { readonly batch: number; readonly feeds: Readonly<Record<string, Tensor>> }>();

  /** @param encoders of the trace. @param tracedRows which rows of a batch the trace encodes */
  constructor(editors: readonly SiteEditor[], encoders: readonly SiteEncoder[], tracedRows: (batch: number) => RowRange) {
    this.#editors = new Map(editors.map(editor => [editor.site, editor]));
    this.#traced = (site, batch) =>
      encoders.some(encoder => encoder.site === site && encoder.file === this.#editors.get(site)?.file && encoder.k === this.#editors.get(site)?.k) ? tracedRows(batch) : undefined;
    this.#idle = Object.fromEntries(editors.flatMap(({ site }) => Object.entries(named(site, idleFeeds))));
    this.inputs = new Set(Object.keys(this.#idle));
  }

  /**
   * The value of every input.
   * @param rows those of the batch that go through the network in this call; all of them in their order, unless it takes fewer at a time
   * @throws RangeError when a site cannot be edited, is given twice, or as `packEdits`
   */
  feeds(edits: readonly SiteEdits[], rows: readonly number[], batch: number): Readonly<Record<string, Tensor>> {
    const feeds = { ...this.#idle };
    for (const [index, siteEdits] of edits.entries()) {
      if (edits.findIndex(({ site }) => site === siteEdits.site) !== index) throw new RangeError(`two lists of edits at ${siteEdits.site}: put them into one`);
      Object.assign(feeds, this.#feedsOf(rows.length === batch ? siteEdits : { ...siteEdits, rows: rows.map(row => siteEdits.rows[row]) }, rows.length));
    }
    return feeds;
  }

  #feedsOf(edits: SiteEdits, batch: number): Readonly<Record<string, Tensor>> {
    const known = this.#packed.get(edits);
    if (known?.batch === batch) return known.feeds;
    const { site } = edits;
    const editor = this.#editors.get(site);
    if (editor === undefined) {
      const sites = [...this.#editors.keys()];
      throw new RangeError(`the site ${site} cannot be edited in this session; ${sites.length === 0 ? 'none can' : `did you mean ${closest(site, sites) ?? sites.join(' or ')}?`}`);
    }
    const feeds = named(site, packEdits(edits, batch, editor.n, this.#traced(site, batch)));
    this.#packed.set(edits, { batch, feeds });
    return feeds;
  }
}

function named(site: string, feeds: EditFeeds): Record<string, Tensor> {
  return Object.fromEntries(parts.map(part => [editInput(site, part), feeds[part]]));
}
