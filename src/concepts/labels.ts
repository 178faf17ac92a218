import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { checkShape } from '../base/checkShape.ts';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import { recordOf } from '../base/recordOf.ts';

/** Name of the file of labels, beside the SAE they belong to. */
export const labelsFile = 'dmi-labels.json';

const word = Type.String({ minLength: 1, maxLength: 200 });
const words = Type.Array(word, { maxItems: 4096 });
const count = Type.Integer({ minimum: 0 });
const measure = Type.Number({ minimum: -1, maximum: 1 });
const orNull = <T extends Type.TSchema>(schema: T): Type.TUnion<[T, Type.TNull]> => Type.Union([schema, Type.Null()]);

const stretch = Type.Union([Type.Literal('early'), Type.Literal('middle'), Type.Literal('late')]);

/** One label of a concept, over one stretch of the process. */
const conceptLabel = Type.Object({
  label: word,
  /**
   * `mask`: its cells cover the label's; `part`: they lie inside the label's; `attribute`: its strength tells whether the word is true;
   * `place`: the region, by its name in a spec, that its cells keep to.
   */
  kind: Type.Union([Type.Literal('mask'), Type.Literal('part'), Type.Literal('attribute'), Type.Literal('place')]),
  /** Of a mask: mean IoU with the label's. */
  iou: Type.Optional(measure),
  /** Of a part or a place: mean share of its cells inside the label's mask, or inside the region. */
  inside: Type.Optional(measure),
  /** Of an attribute: area under the ROC curve. */
  auroc: Type.Optional(measure),
  /** Pictures in which the label is true and the concept strong (of an attribute: active). */
  n: count,
  /** Pictures in which the label is true. */
  of: count,
  steps: stretch,
  /** First step of the whole process at which the label holds by that step alone; null where it holds only over the stretch. */
  firstStep: orNull(count),
}, { additionalProperties: false });

const quality = orNull(Type.Number({ minimum: -1, maximum: 2 }));
/** A number measured over `n` concepts, beside what chance gives. */
const withChance = Type.Object({ value: quality, chance: quality, n: count }, { additionalProperties: false });

const replicated = Type.Object({ given: count, again: count }, { additionalProperties: false });

const byStretch = Type.Object({ early: withChance, middle: withChance, late: withChance }, { additionalProperties: false });

/** `dmi-labels.json`: what the concepts of one SAE mean, and how that was found. */
const labelsSchema = Type.Object({
  format: Type.Literal(1),
  site: word,
  judgeHash: word,
  modelHash: word,
  saeHash: word,
  /** Pictures that were looked at, and how they were sampled. */
  images: count,
  sample: Type.Object({ scheduler: word, steps: count, guidanceScale: Type.Number(), seeds: Type.Tuple([count, count]) }, { additionalProperties: false }),
  prompts: Type.Array(Type.String({ maxLength: 10_000 }), { maxItems: 100_000 }),
  definition: Type.String({ maxLength: 20_000 }),
  /** Words that could have become labels. */
  vocabulary: Type.Object({ things: words, colours: words, backgrounds: words, styles: words }, { additionalProperties: false }),
  /** Labels given, and how many the same rule gives when every picture bears the labels of another one. */
  given: Type.Object({ mask: count, part: count, attribute: count }, { additionalProperties: false }),
  givenByChance: Type.Object({ mask: count, part: count, attribute: count }, { additionalProperties: false }),
  /** Labels that half of the pictures gives by the same rules, and how many of them the other half gives again. */
  halves: Type.Optional(Type.Object({ mask: replicated, part: replicated, attribute: replicated }, { additionalProperties: false })),
  quality: Type.Object({ monosemanticity: withChance, cohesion: byStretch, separability: byStretch }, { additionalProperties: false }),
  concepts: recordOf(Type.Object({
    label: orNull(word),
    labels: Type.Array(conceptLabel, { maxItems: 10_000 }),
    contextFree: Type.Boolean(),
  }, { additionalProperties: false }), { pattern: '^(0|[1-9][0-9]{0,8})$', additionalProperties: false }),
}, { additionalProperties: false });

export type LabelsFile = Static<typeof labelsSchema>;
export type ConceptLabel = Static<typeof conceptLabel>;
export type ConceptLabels = LabelsFile['concepts'][string];
export type Stretch = Static<typeof stretch>;

/** What the concepts of one SAE mean. */
export interface LabelTable {
  readonly file: LabelsFile;
  /** The label that says best what a concept means; undefined where it has none. */
  best(id: number): string | undefined;
  /** Concepts that bear a label, or whose best label it is, ascending. */
  idsOf(label: string): readonly number[];
  /** Every label that some concept bears, in alphabetical order. */
  all(): readonly string[];
  /** Whether a concept has the same strength and place in every picture. */
  contextFree(id: number): boolean;
}

/** What must be known of an SAE to trust a file of labels. */
interface LabelledSae {
  readonly folder: string;
  readonly hash: string;
  /** Latents. */
  readonly n: number;
}

/**
 * The labels beside an SAE.
 * @returns undefined where it has not been labelled.
 * @throws InputError when the file is malformed, or belongs to another SAE
 */
export async function loadLabels({ folder, hash, n }: LabelledSae): Promise<LabelTable | undefined> {
  const file = path.join(folder, labelsFile);
  if (await stat(file).catch(() => undefined) === undefined) return undefined;
  const remedy = phrase`Label the SAE again (dmi sae label), or delete the file.`;
  const labels = checkShape(labelsSchema, await readJsonFile(file), file, remedy);
  if (labels.saeHash !== hash) throw new InputError(phrase`the labels belong to another SAE`, { file, place: '/saeHash', remedy });
  const beyond = Object.keys(labels.concepts).find((id) => Number(id) >= n);
  if (beyond !== undefined) throw new InputError(phrase`the SAE has ${n} concepts`, { file, place: `/concepts/${beyond}`, remedy });
  return labelTable(labels);
}

/** Remove the labels beside an SAE that is not the one they were given to. @returns whether there were such */
export async function removeForeignLabels({ folder, hash }: Pick<LabelledSae, 'folder' | 'hash'>): Promise<boolean> {
  const file = path.join(folder, labelsFile);
  const labels = await readJsonFile(file).catch(() => undefined) as Partial<LabelsFile> | null | undefined;
  if (labels === undefined || labels?.saeHash === hash) return false;
  await rm(file);
  return true;
}

/** A table over the contents of a file of labels. */
function labelTable(file: LabelsFile): LabelTable {
  const ids = new Map<string, number[]>(); // keys that are whole numbers come in ascending order
  for (const [id, { label, labels }] of Object.entries(file.concepts)) {
    for (const name of new Set([...labels.map((given) => given.label), ...(label === null ? [] : [label])])) {
      const bearers = ids.get(name);
      if (bearers === undefined) ids.set(name, [Number(id)]);
      else bearers.push(Number(id));
    }
  }
  const concept = (id: number): ConceptLabels | undefined => file.concepts[String(id)];
  return {
    file,
    best: (id) => concept(id)?.label ?? undefined,
    idsOf: (label) => ids.get(label) ?? [],
    all: () => [...ids.keys()].sort(),
    contextFree: (id) => concept(id)?.contextFree ?? false,
  };
}
