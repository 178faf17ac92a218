import { phrase, type Phrase } from '../base/phrase.ts';
import { sha256Text } from '../base/sha256.ts';
import { TorchGenerator } from '../base/torchRandom.ts';
import type { EditDefinition } from '../experiment/editDefinition.ts';
import { canonicalJson } from '../spec/canonicalJson.ts';
import type { Mask } from '../spec/areaAverage.ts';
import { coversEvenly } from './coversEvenly.ts';
import type { ControlName } from './outcome.ts';

/** Draws of each control that has any. */
const controlDraws = 3;

/** What must be known of a site's concepts to take others in their place. */
export interface ConceptPool {
  /** Concepts of the site's SAE that were active in its training and are not known to be context-free, ascending. */
  candidates(site: string): readonly number[];
}

/** A mask by the hash of its pixels; undefined where there is none. */
type MaskOf = (hash: string) => Mask | undefined;

/** One draw of a control: the same edits, but for what is controlled. */
export interface ControlDraw {
  readonly control: ControlName;
  readonly draw: number;
  readonly edits: readonly EditDefinition[];
}

/** The draws of an experiment's controls, and which of them do not apply. */
export interface Controls {
  readonly draws: readonly ControlDraw[];
  readonly without: readonly { readonly control: ControlName; readonly reason: Phrase }[];
}

/**
 * Draw the controls of an experiment; the same edits give the same draws, for every seed of the sample.
 * - `random-concept` reads the same concepts and writes along the directions of others: alive, none of those that the experiment edits at that site, not
 *   context-free; one concept gives way to the same one in all edits of a draw.
 * - `shuffled-region` puts the cells of the region in another order; where that changes no region, it would only repeat the edit, and does not apply.
 * `identity` has no draws: it is the unedited run.
 */
export function drawControls(edits: readonly EditDefinition[], asked: readonly ControlName[], pool: ConceptPool, maskOf: MaskOf = () => undefined): Controls {
  const draws: ControlDraw[] = [];
  const without: Controls['without'][number][] = [];
  for (const control of asked) {
    const reason = edits.length === 0 ? phrase`no edit is in force` : obstacle(control, edits, pool, maskOf);
    if (reason !== undefined) without.push({ control, reason });
    if (reason !== undefined || control === 'identity') continue;
    for (let draw = 0; draw < controlDraws; draw++) {
      draws.push({ control, draw, edits: control === 'random-concept' ? writeElsewhere(edits, draw, pool) : shuffle(edits, draw) });
    }
  }
  return { draws, without };
}

function obstacle(control: ControlName, edits: readonly EditDefinition[], pool: ConceptPool, maskOf: MaskOf): Phrase | undefined {
  if (control === 'shuffled-region') {
    if (edits.every(({ where }) => where === 'everywhere')) return phrase`the edits act everywhere`;
    return edits.every(({ where }) => coversEvenly(where, maskOf)) ? phrase`every region covers all cells alike, so that their order does not matter` : undefined;
  }
  if (control === 'identity') return undefined;
  const bare = edits.find(({ site }) => othersAt(site, edits, pool).length === 0);
  return bare && phrase`no other concept is alive at ${bare.site}`;
}

function writeElsewhere(edits: readonly EditDefinition[], draw: number, pool: ConceptPool): EditDefinition[] {
  const random = generatorOf('random-concept', edits, draw);
  const standIns = new Map<string, Map<number, number>>();
  for (const site of [...new Set(edits.map((edit) => edit.site))].sort()) {
    const concepts = [...editedAt(site, edits)].sort((a, b) => a - b);
    const others = othersAt(site, edits, pool);
    let deck: number[] = [];
    standIns.set(site, new Map(concepts.map((concept) => {
      if (deck.length === 0) deck = [...others]; // none comes twice as long as there are enough
      const [card] = deck.splice(random.random32() % deck.length, 1);
      return [concept, card];
    })));
  }
  return edits.map((edit) => ({ ...edit, writes: edit.concepts.map((concept) => standIns.get(edit.site)?.get(concept) ?? concept) }));
}

function shuffle(edits: readonly EditDefinition[], draw: number): EditDefinition[] {
  const seed = generatorOf('shuffled-region', edits, draw).random32();
  return edits.map((edit) => (edit.where === 'everywhere' ? edit : { ...edit, shuffle: seed }));
}

function editedAt(site: string, edits: readonly EditDefinition[]): Set<number> {
  return new Set(edits.filter((edit) => edit.site === site).flatMap(({ concepts }) => concepts));
}

function othersAt(site: string, edits: readonly EditDefinition[], pool: ConceptPool): number[] {
  const edited = editedAt(site, edits);
  return pool.candidates(site).filter((id) => !edited.has(id));
}

/**
 * Seeded by what is edited and where, so that repeating the experiment repeats its controls; not by how much and when, so that the variants of a sweep
 * have the same ones.
 */
function generatorOf(control: ControlName, edits: readonly EditDefinition[], draw: number): TorchGenerator {
  const sorted = edits.map((edit) => canonicalJson({ ...edit, amount: undefined, steps: undefined })).sort();
  return new TorchGenerator(Number.parseInt(sha256Text(canonicalJson([control, draw, sorted])).slice(0, 8), 16));
}
