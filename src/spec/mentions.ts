import type { Node } from 'jsonc-parser';
import { parsePointer } from './jsonPath.ts';
import { entriesOf, itemsOf, textOf, top, valueOf, type Place } from './place.ts';

/** A site that a spec names. */
export interface SiteMention extends Place {
  readonly site: string;
}

/** A concept that a spec names, by number or label. */
export interface ConceptMention extends Place {
  readonly concept: number | string;
  /** `edit`: what is changed; `region`: where; `always`: what is shown. */
  readonly role: 'edit' | 'region' | 'always';
  /** Where it is looked for; empty where an edit does not say. */
  readonly sites: readonly string[] | 'traced';
}

/** A measure that a spec names, as a value or as a key. */
export interface MeasureMention extends Place {
  readonly measure: string;
}

/** What a spec names of the model, its SAEs and its judge. */
export interface Mentions {
  readonly sites: readonly SiteMention[];
  readonly concepts: readonly ConceptMention[];
  readonly measures: readonly MeasureMention[];
  /** `trace.sites`; undefined: all. */
  readonly tracedSites: readonly string[] | undefined;
}

/** Find what a spec names; of a document that is broken, what can be told. */
export function findMentions(root: Node | undefined): Mentions {
  const spec = top(root);
  const sites: SiteMention[] = [];
  const concepts: ConceptMention[] = [];
  const measures: MeasureMention[] = [];

  const site = (place: Place | undefined): void => {
    const name = textOf(place);
    if (place !== undefined && name !== undefined) sites.push({ ...place, site: name });
  };
  const concept = (place: Place | undefined, role: ConceptMention['role'], at: ConceptMention['sites']): void => {
    for (const one of place?.node.type === 'array' ? itemsOf(place) : [place]) {
      const value: unknown = one?.node.value;
      const isName = typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value) && value >= 0);
      if (one !== undefined && isName) concepts.push({ ...one, concept: value, role, sites: at });
    }
  };
  const measure = (place: Place | undefined): void => {
    const name = textOf(place);
    if (place !== undefined && name !== undefined) measures.push({ ...place, measure: name });
  };
  const bounds = (place: Place | undefined): void => {
    for (const { key, keyNode, path } of entriesOf(place)) measures.push({ node: keyNode, path, measure: key });
  };

  const trace = valueOf(spec, 'trace');
  const traced = valueOf(trace, 'sites');
  for (const item of itemsOf(traced)) site(item);
  const tracedSites = traced === undefined ? undefined : sites.map((mention) => mention.site);
  concept(valueOf(valueOf(trace, 'concepts'), 'always'), 'always', tracedSites ?? 'traced');

  const experiments = valueOf(spec, 'experiments');
  for (const experiment of entriesOf(experiments)) {
    for (const edit of itemsOf(valueOf(experiment, 'edits'))) {
      const own = textOf(valueOf(edit, 'site'));
      const at = own === undefined ? [] : [own];
      site(valueOf(edit, 'site'));
      concept(valueOf(edit, 'concept'), 'edit', at);
      concept(valueOf(valueOf(edit, 'where'), 'concept'), 'region', at);
    }
    for (const item of itemsOf(valueOf(experiment, 'measure'))) measure(item);
    bounds(valueOf(experiment, 'expect'));
  }

  for (const sweep of entriesOf(valueOf(spec, 'sweeps'))) {
    const of = textOf(valueOf(sweep, 'of'));
    const edits = valueOf(of === undefined ? undefined : valueOf(experiments, of), 'edits');
    const vary = valueOf(sweep, 'vary');
    for (const values of entriesOf(vary)) {
      const [list, index, ...rest] = parsePointer(values.key);
      if (list !== 'edits' || !/^\d+$/.test(index)) continue;
      const varied = itemsOf(valueOf(vary, `/edits/${index}/site`)).flatMap((item) => textOf(item) ?? []);
      const own = textOf(valueOf(itemsOf(edits).at(Number(index)), 'site'));
      const at = varied.length > 0 ? varied : own === undefined ? [] : [own];
      for (const item of itemsOf(values)) {
        const leaf = rest.join('/');
        if (leaf === 'site') site(item);
        else if (/^concept(?:\/\d+)?$/.test(leaf)) concept(item, 'edit', at);
        else if (leaf === 'where/concept') concept(item, 'region', at);
        else if (leaf === 'where') concept(valueOf(item, 'concept'), 'region', at);
      }
    }
  }
  for (const search of entriesOf(valueOf(spec, 'searches'))) {
    measure(valueOf(search, 'maximize'));
    bounds(valueOf(search, 'subjectTo'));
  }
  return { sites, concepts, measures, tracedSites };
}

/** The noun that a measure is about; undefined where it is about the whole picture. */
export function nounOf(measure: string): string | undefined {
  return /^(?:presence|iou|centre):(.+)$/.exec(measure)?.[1];
}
