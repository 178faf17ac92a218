import { findNodeAtLocation, getNodeValue, type Node } from 'jsonc-parser';
import { hasShape } from '../../base/checkShape.ts';
import { findMentions, type ConceptMention } from '../../spec/mentions.ts';
import { Window } from '../../spec/schema.ts';

/** Ids of the concepts that bear a label at a site. */
export type IdsOf = (site: string, label: string) => readonly number[];

/** A concept that a place in a spec is about. */
export interface ConceptAt {
  readonly site: string | null;
  readonly concepts: readonly number[];
  /** When the edit acts; undefined where nothing says so. */
  readonly during: Window | undefined;
}

/** What the spec says about the place at `offset`: of an edit what it changes, of `always` the concept there. @param sites those that the panel shows */
export function conceptAt(root: Node, offset: number, sites: readonly string[], idsOf: IdsOf): ConceptAt | undefined {
  const mentions = findMentions(root).concepts.filter(({ role }) => role !== 'region');
  const exact = mentions.filter(({ node }) => holds(node, offset));
  const around = exact.length > 0 ? exact : mentions.filter((mention) => holds(editOf(root, mention), offset));
  const [first] = around;
  if (around.length === 0) return undefined;

  const asked = first.sites === 'traced' ? sites : first.sites.filter((site) => sites.includes(site));
  const site = asked.length === 1 ? asked[0] : asked.find((one) => around.some(({ concept }) => typeof concept === 'string' && idsOf(one, concept).length > 0)) ?? null;
  const concepts = around.flatMap(({ concept }) => (typeof concept === 'number' ? [concept] : site === null ? [] : idsOf(site, concept)));
  return { site, concepts: [...new Set(concepts)], during: windowOf(editOf(root, first)) };
}

/** Where a spec names a concept of a site, by its number or by a label. */
export function placesOf(root: Node, site: string, concept: number, idsOf: IdsOf): Node[] {
  return findMentions(root).concepts
    .filter((mention) => (mention.sites === 'traced' || mention.sites.includes(site))
      && (typeof mention.concept === 'number' ? mention.concept === concept : idsOf(site, mention.concept).includes(concept)))
    .map(({ node }) => node);
}

/** The edit that a mention stands in. */
function editOf(root: Node, { path }: ConceptMention): Node | undefined {
  return path[0] === 'experiments' ? findNodeAtLocation(root, path.slice(0, 4)) : undefined;
}

function windowOf(edit: Node | undefined): Window | undefined {
  const node = edit && findNodeAtLocation(edit, ['during']);
  const value: unknown = node && getNodeValue(node);
  return hasShape(Window, value) ? value : undefined;
}

function holds(node: Node | undefined, offset: number): boolean {
  return node !== undefined && offset >= node.offset && offset <= node.offset + node.length;
}
