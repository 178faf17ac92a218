import { findNodeAtLocation, getLocation, type Node } from 'jsonc-parser';
import { parsePointer } from '../../spec/jsonPath.ts';
import { findMentions } from '../../spec/mentions.ts';
import type { ModelFacts, SaeFacts } from '../services.ts';
import type { Translate } from '../translate.ts';
import { percent, short } from './numbers.ts';
import { valueSlot, type Slot } from './valueSlot.ts';

/** Something to write at the cursor. */
export interface Suggestion {
  readonly label: string;
  /** A word or two beside the label. */
  readonly brief: string;
  readonly detail: string;
  readonly kind: 'label' | 'number';
  /** What is typed so far is matched against this. */
  readonly filterText: string;
  readonly sortText: string;
  /** Takes the place of `slot`. */
  readonly insertText: string;
}

/** What can be written at a place, and the stretch of text that it replaces. */
export interface Suggestions {
  readonly slot: Slot;
  readonly items: readonly Suggestion[];
}

/** Concepts without a label that are offered, the most common first. */
const mostUnlabelled = 200;

/**
 * Concepts for the place at `offset`, when one belongs there: labels and numbers of the SAE at the edit's own site. `trace.concepts.always` is left to the schema.
 * @param tree of the text, as far as it can be read. @returns undefined elsewhere
 */
export function conceptCompletions(text: string, offset: number, tree: Node | undefined, facts: ModelFacts, t: Translate): Suggestions | undefined {
  const location = getLocation(text, offset);
  if (location.isAtPropertyKey || tree === undefined) return undefined;
  const wanted = sitesFor(location.path, tree);
  if (wanted === undefined) return undefined;
  const known = facts.saes.filter(({ site }) => wanted.includes(site));
  const saes = known.length > 0 ? known : facts.saes; // no site yet, or one without an SAE: then anything may be meant
  const slot = valueSlot(text, offset);
  const quoted = text[slot.offset] === '"';
  const items = [...labelItems(saes, t), ...(saes.length === 1 ? numberItems(saes[0], quoted, t) : [])];
  return { slot, items: items.map((item) => ({ ...item, insertText: `${item.insertText}${slot.comma ? ',' : ''}` })) };
}

/** The sites whose concepts belong at a path; empty where the edit does not say, undefined where no concept belongs. */
function sitesFor(path: readonly (string | number)[], tree: Node): readonly string[] | undefined {
  const [section, name, list, ...rest] = path;
  if (section === 'experiments' && list === 'edits') {
    const [edit, ...leaf] = rest;
    if (!isConceptLeaf(leaf.join('/'))) return undefined;
    const site: unknown = findNodeAtLocation(tree, [section, name, list, edit, 'site'])?.value;
    return typeof site === 'string' ? [site] : [];
  }
  if (section === 'sweeps' && list === 'vary' && rest.length >= 2) {
    const [edits, edit, ...leaf] = parsePointer(String(rest[0]));
    if (edits !== 'edits' || !isConceptLeaf(leaf.join('/'))) return undefined;
    const of: unknown = findNodeAtLocation(tree, [section, name, 'of'])?.value;
    const { sites } = findMentions(tree);
    return sites.filter((site) => site.path[1] === of && site.path[3] === Number(edit)).map(({ site }) => site);
  }
  return undefined;
}

function isConceptLeaf(leaf: string): boolean {
  return /^(?:where\/)?concept(?:\/\d+)?$/.test(leaf);
}

function labelItems(saes: readonly SaeFacts[], t: Translate): Suggestion[] {
  const labels = [...new Set(saes.flatMap(({ idsByLabel }) => [...idsByLabel.keys()]))].sort();
  return labels.map((label, index) => {
    const bearers = saes.flatMap((sae) => (sae.idsByLabel.get(label) ?? []).map((id) => ({ sae, id })));
    const mean = average(bearers.map(({ sae, id }) => sae.mean[id]));
    const density = average(bearers.map(({ sae, id }) => sae.density[id]));
    return {
      label, kind: 'label', filterText: JSON.stringify(label), insertText: JSON.stringify(label), sortText: `0${String(index).padStart(6, '0')}`,
      brief: bearers.length === 1 ? String(bearers[0].id) : t('{0} concepts', bearers.length),
      detail: bearers.length === 1
        ? t('concept {0} · mean {1} · in {2} of the cells', bearers[0].id, short(mean), percent(density))
        : t('{0} concepts · mean {1} · each in {2} of the cells', bearers.length, short(mean), percent(density)),
    };
  });
}

/** @param quoted a text is being typed: a number must be found by it */
function numberItems({ labels, mean, density, contextFree }: SaeFacts, quoted: boolean, t: Translate): Suggestion[] {
  const unlabelled = density.flatMap((share, id) => (share > 0 && !labels.has(id) ? [id] : [])).sort((a, b) => density[b] - density[a]).slice(0, mostUnlabelled);
  return [...labels.keys(), ...unlabelled].sort((a, b) => a - b).map((id) => {
    const label = labels.get(id);
    const name = label === undefined ? String(id) : `${id} ${label}`;
    const facts = t('mean {0} · in {1} of the cells', short(mean[id]), percent(density[id]));
    return {
      label: name, brief: t('mean {0}', short(mean[id])), kind: 'number', filterText: quoted ? `"${label ?? id}" ${id}` : name, insertText: String(id), sortText: `1${String(id).padStart(8, '0')}`,
      detail: contextFree.has(id) ? `${facts} · ${t('same in every picture')}` : facts,
    };
  });
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
