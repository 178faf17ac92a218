import { findNodeAtLocation, type Node } from 'jsonc-parser';
import { jsonSchema, type Language } from '../../spec/jsonSchema.ts';
import { findMentions } from '../../spec/mentions.ts';
import { oneLine } from '../../spec/fix.ts';
import { entriesOf, textOf, top, valueOf } from '../../spec/place.ts';
import type { ModelFacts, SaeFacts } from '../services.ts';
import type { Translate } from '../translate.ts';
import { percent, short } from './numbers.ts';
import { pointersOf } from './pointers.ts';
import { Definitions, itemOf, member, offer, schemaAt, type Offer, type SchemaNode } from './schemaNode.ts';

/** What the schema of specs is filled with. */
export interface LiveNames {
  readonly models: readonly Offer[];
  readonly saes: readonly Offer[];
  readonly judges: readonly Offer[];
  /** Of the spec in front. */
  readonly facts: ModelFacts | undefined;
  readonly tree: Node | undefined;
}

/** Of a value as it is shown, in characters. */
const longestValue = 80;

/** Sweeps or searches that get keys of their own, and keys that each gets: the schema is read anew whenever one changes. */
const mostParts = 50;
const mostPointers = 200;

/** Numbers of concepts that are offered; beyond that nobody picks from a list. */
const mostNumbers = 200;

/**
 * The JSON Schema of specs with what a model, its SAEs and the spec itself know merged in: offers beside what was accepted before, never in its place, since
 * the same schema serves every open spec.
 */
export function liveSchema(language: Language, { models, saes, judges, facts, tree }: LiveNames, t: Translate): SchemaNode {
  const schema = structuredClone(jsonSchema(language)) as SchemaNode;
  const spec = properties(schema);
  const experiment = member(member(schema, 'experiments'), '');
  const edit = itemOf(member(experiment, 'edits'));
  const sites = siteOffers(facts, t);

  spec.model = offer(member(schema, 'model'), models);
  offerItems(member(schema, 'saes'), saes);
  spec.judge = offer(member(schema, 'judge'), judges);

  const trace = member(schema, 'trace');
  offerItems(member(trace, 'sites'), sites);
  const always = member(member(trace, 'concepts'), 'always');
  const traced = tracedSaes(facts, tree);
  offerItems(always, labelOffers(traced, t));
  addNumbers(itemOf(always), traced, t);

  properties(edit).site = offer(member(edit, 'site'), sites);
  const definitions = new Definitions();
  const measures = measureOffers(facts, t);
  offerItems(member(experiment, 'measure'), measures);
  offerKeys(member(experiment, 'expect'), measures, definitions);
  const search = member(member(schema, 'searches'), '');
  properties(search).maximize = offer(member(search, 'maximize'), measures);
  offerKeys(member(search, 'subjectTo'), measures, definitions);

  const experiments = experimentNodes(tree);
  const names = [...experiments].map(([value, node]) => ({ value, description: experimentHint(node, t) }));
  for (const [part, keys] of [['sweeps', 'vary'], ['searches', 'over']] as const) {
    const section = member(schema, part);
    const item = member(section, '');
    properties(item).of = definitions.refer(`${part}-of`, () => offer(member(item, 'of'), names));
    const own = properties(section);
    for (const entry of entriesOf(valueOf(top(tree), part)).slice(0, mostParts)) {
      const base = experiments.get(textOf(valueOf(entry, 'of')) ?? '') ?? (experiments.size === 1 ? [...experiments.values()][0] : undefined);
      if (base === undefined) continue;
      const keyed = { ...member(item, keys), properties: pointerKeys(member(item, keys), base, experiment, definitions, keys, t) };
      own[entry.key] = { ...item, properties: { ...item.properties, [keys]: keyed } };
    }
  }
  return { ...schema, definitions: definitions.all, allowComments: true, allowTrailingCommas: true };
}

function properties(schema: SchemaNode): Record<string, SchemaNode> {
  return schema.properties ??= {};
}

function offerItems(list: SchemaNode, offers: readonly Offer[]): void {
  list.items = offer(itemOf(list), offers);
}

/** Offer keys of an object whose keys follow a pattern and whose values are bounds. */
function offerKeys(schema: SchemaNode, offers: readonly Offer[], definitions: Definitions): void {
  const value = definitions.refer('bounds', () => member(schema, ''));
  schema.properties = Object.fromEntries(offers.map((one) => [one.value, { ...value, description: one.description }]));
}

function siteOffers(facts: ModelFacts | undefined, t: Translate): Offer[] {
  return (facts?.saes ?? []).map(({ site, n, labels }) => ({ value: site, description: t('{0} concepts, {1} of them labelled', n, labels.size) }));
}

/** The SAEs of the sites that the spec traces. */
function tracedSaes(facts: ModelFacts | undefined, tree: Node | undefined): readonly SaeFacts[] {
  const { tracedSites } = findMentions(tree);
  return (facts?.saes ?? []).filter(({ site }) => tracedSites?.includes(site) ?? true);
}

function labelOffers(saes: readonly SaeFacts[], t: Translate): Offer[] {
  const labels = [...new Set(saes.flatMap(({ idsByLabel }) => [...idsByLabel.keys()]))].sort();
  return labels.map((value) => {
    const at = saes.flatMap(({ site, idsByLabel }) => {
      const count = idsByLabel.get(value)?.length ?? 0;
      return count === 0 ? [] : [count === 1 ? t('1 concept at {0}', site) : t('{0} concepts at {1}', count, site)];
    });
    return { value, description: at.join('\n') };
  });
}

/** Numbers say something only where it is clear at which site. */
function addNumbers(item: SchemaNode, saes: readonly SaeFacts[], t: Translate): void {
  const [sae, ...others] = saes;
  const whole = item.anyOf?.flatMap((branch) => branch.anyOf ?? [branch]).find(({ type }) => type === 'integer');
  if (saes.length === 0 || others.length > 0 || whole === undefined) return;
  const strongest = [...sae.labels].sort(([a], [b]) => sae.density[b] - sae.density[a]).slice(0, mostNumbers);
  whole.defaultSnippets = strongest.map(([id, label]) => ({
    label: `${id} ${label}`, body: id, description: t('mean {0}, active in {1} of the cells', short(sae.mean[id]), percent(sae.density[id])),
  }));
}

function measureOffers(facts: ModelFacts | undefined, t: Translate): Offer[] {
  const nouns = (facts?.nouns ?? []).flatMap((noun) => [
    { value: `presence:${noun}`, description: t('The judge finds “{0}” in the picture.', noun) },
    { value: `iou:${noun}`, description: t('Overlap of “{0}” with the asked region.', noun) },
    { value: `centre:${noun}`, description: t('The centre of “{0}” lies in the asked region.', noun) },
  ]);
  const harm = ['perceptual', 'ssim', 'mse'].flatMap((name) => [
    { value: name, description: t('How far the picture is from the unedited one.') },
    { value: `inside.${name}`, description: t('How far the picture is from the unedited one, inside the region.') },
    { value: `outside.${name}`, description: t('How far the picture is from the unedited one, outside the region.') },
  ]);
  return [
    ...nouns, { value: 'clip', description: t('Gain in similarity between picture and prompt.') }, ...harm,
    { value: 'ood', description: t('How far the edited activations are from those of unedited runs.') },
  ];
}

function experimentNodes(tree: Node | undefined): Map<string, Node> {
  return new Map(entriesOf(valueOf(top(tree), 'experiments')).map(({ key, node }) => [key, node]));
}

function experimentHint(node: Node, t: Translate): string {
  const why: unknown = findNodeAtLocation(node, ['why'])?.value;
  return typeof why === 'string' && why !== '' ? why : t('An experiment of this file.');
}

/** The keys of `vary` or `over` of a part that builds on `base`: one for every value there is. */
function pointerKeys(schema: SchemaNode, base: Node, experiment: SchemaNode, definitions: Definitions, keys: 'vary' | 'over', t: Translate): Record<string, SchemaNode> {
  const value = member(schema, '');
  const pointers = pointersOf(base).filter(({ numeric }) => keys === 'vary' || numeric).slice(0, mostPointers);
  return Object.fromEntries(pointers.map(({ pointer, now }) => {
    const at = schemaAt(experiment, pointer);
    const description = [at?.description ?? '', now === undefined ? t('left out now') : t('now: {0}', oneLine(now).slice(0, longestValue))].join('\n');
    const kind = pointer.replace(/\/\d+/g, '').replaceAll('/', '.').slice(1);
    const shared = definitions.refer(`${keys}-${at === undefined ? '' : kind}`, () => ({
      ...value,
      // Values are offered, not checked: what they make of the experiment is told by `checkMeaning`, and once is enough.
      ...(keys === 'vary' && at !== undefined && { items: { anyOf: [{}, at] } }),
    }));
    return [pointer, { ...shared, description }];
  }));
}
