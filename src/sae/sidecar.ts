import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Static } from 'typebox';
import * as Type from 'typebox';
import { checkShape } from '../base/checkShape.ts';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import { recordOf } from '../base/recordOf.ts';

/** The sidecar's name beside a checkpoint. */
export const sidecarName = 'dmi-sae.json';

const perConcept = Type.Array(Type.Number({ minimum: 0 }));

const sidecarSchema = Type.Object({
  format: Type.Literal(1),
  /** Site of the network, e.g. `mid_block.attentions.0`. */
  site: Type.String({ minLength: 1 }),
  /** `update`: what the block adds to the residual stream; `output`: the sum; `input`: what the block is given. */
  activation: Type.Union([Type.Literal('update'), Type.Literal('output'), Type.Literal('input')]),
  branch: Type.Union([Type.Literal('cond'), Type.Literal('uncond'), Type.Literal('both')]),
  /** Diffusion times it was trained on, [least, greatest]; 1 is noise. */
  tRange: Type.Tuple([Type.Number({ minimum: 0, maximum: 1 }), Type.Number({ minimum: 0, maximum: 1 })]),
  /** Hash of the pipeline it was trained on. */
  modelHash: Type.String(),
  /** Active latents of a cell; where the SAE sets no number, how many a trace holds at most. */
  k: Type.Integer({ minimum: 1 }),
  /** Cells it was trained on, each counted as often as it was seen. */
  trainedCells: Type.Integer({ minimum: 0 }),
  /** Per concept, over the training activations, each [n]. */
  statistics: Type.Object({
    /** Mean activation where the concept is active; 0 where it never was. */
    mean: perConcept,
    /** Share of cells in which it is active. */
    density: perConcept,
    max: perConcept,
  }),
  /** Quality numbers by name, over the training activations. */
  quality: recordOf(Type.Number()),
});

/** What no checkpoint format says: which activations an SAE was trained on, and how strongly its concepts act. */
export type SaeSidecar = Static<typeof sidecarSchema>;

/**
 * Read the sidecar of the checkpoint in `folder`.
 * @param n the checkpoint's latents, where they are known. @throws InputError when it is missing, malformed or for another number of latents
 */
export async function readSidecar(folder: string, n?: number): Promise<SaeSidecar> {
  const file = join(folder, sidecarName);
  const remedy = phrase`Train the SAE again, or correct the sidecar by hand.`;
  const sidecar = checkShape(sidecarSchema, await readJsonFile(file).catch(async (error: unknown) => { throw await missingSidecar(folder) ?? error; }), file, remedy);
  for (const [name, values] of Object.entries(sidecar.statistics)) {
    if (n !== undefined && values.length !== n) {
      throw new InputError(phrase`${values.length} values for ${n} concepts`, { file, place: `/statistics/${name}`, remedy });
    }
  }
  return sidecar;
}

/** A checkpoint without sidecar: nobody knows what it was trained on. */
export class UnknownTraining extends InputError {
  readonly folder: string;

  constructor(folder: string) {
    super(phrase`no file of this name says which activation of which site the SAE was trained on`, {
      file: join(folder, sidecarName), remedy: phrase`Let it be found out: dmi sae info FOLDER --model MODEL --write, or the quick fix in the editor.`,
    });
    this.folder = folder;
  }
}

/** The error where a checkpoint has no sidecar; undefined where there is one. */
export async function missingSidecar(folder: string): Promise<UnknownTraining | undefined> {
  return await stat(join(folder, sidecarName)).then(() => true, () => false) ? undefined : new UnknownTraining(folder);
}

/** The text of a sidecar, a line for each part; statistics keep six digits. */
export function encodeSidecar(sidecar: SaeSidecar): string {
  const { statistics: { mean, density, max }, ...rest } = sidecar;
  const short = (values: readonly number[]) => values.map((value) => Number(value.toPrecision(6)));
  const parts = Object.entries({ ...rest, statistics: { mean: short(mean), density: short(density), max: short(max) } });
  return `{\n${parts.map(([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(',\n')}\n}\n`;
}
