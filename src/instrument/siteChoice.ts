import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { checkShape } from '../base/checkShape.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import { phrase } from '../base/phrase.ts';
import { recordOf } from '../base/recordOf.ts';
import { siteChoiceName } from '../diffusion/siteChoiceName.ts';
import type { ModelIndex } from '../onnx/modelIndex.ts';
import type { ChosenSite } from './sites.ts';

/** As diffusers names modules. */
export const siteNamePattern = '^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z0-9_]+)*$';

const value = Type.String({ minLength: 1, maxLength: 1024 });
const ChoiceFile = Type.Object({
  format: Type.Literal(1),
  /** Chosen sites by the hash of the U-Net's graph: another U-Net in the same place has none. */
  models: recordOf(recordOf(Type.Object({ sum: value, update: value }), { pattern: siteNamePattern, additionalProperties: false }), { pattern: '^[0-9a-f]{64}$', additionalProperties: false }),
});

const maxBytes = 2 ** 20;

/** What was chosen for a U-Net, by the name of the site. @throws InputError when the file is damaged */
export async function readChoice(index: ModelIndex): Promise<Readonly<Record<string, ChosenSite>>> {
  const known = await readFile(choiceFile(index));
  return known?.models[graphHash(index)] ?? {};
}

/** Remember a choice in place of an earlier one for the same U-Net. @returns the file written @throws InputError when a file that is there is damaged, or the folder cannot be written to */
export async function writeChoice(index: ModelIndex, chosen: Readonly<Record<string, ChosenSite>>): Promise<string> {
  const file = choiceFile(index);
  const known = await readFile(file);
  await writeFileAtomic(file, `${JSON.stringify({ format: 1, models: { ...known?.models, [graphHash(index)]: chosen } }, undefined, 2)}\n`);
  return file;
}

/** In the pipeline's folder, so that it travels with the model; the U-Net lies in a folder of its own inside it. */
function choiceFile({ path }: ModelIndex): string {
  return join(dirname(dirname(path)), siteChoiceName);
}

async function readFile(file: string): Promise<Static<typeof ChoiceFile> | undefined> {
  if (!existsSync(file)) return undefined;
  return checkShape(ChoiceFile, await readJsonFile(file, { maxBytes }), file, phrase`Remove this file and choose again: dmi sites <model folder>.`);
}

/** SHA-256 of all nodes: the same network with other weights has the same sites. */
function graphHash({ nodes }: ModelIndex): string {
  const hash = createHash('sha256');
  for (const { message } of nodes) hash.update(message);
  return hash.digest('hex');
}
