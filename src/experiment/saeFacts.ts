import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import { labelsFile, type ConceptLabel } from '../concepts/labels.ts';
import { describeCheckpoint } from '../sae/loadSaes.ts';
import { missingSidecar, sidecarName } from '../sae/sidecar.ts';

/** An SAE as an editor knows it: everything but its weights. */
export interface SaeFacts {
  readonly folder: string;
  readonly site: string;
  /** What it was trained on. */
  readonly branch: 'cond' | 'uncond' | 'both';
  readonly d: number;
  readonly n: number;
  readonly k: number;
  /** [n] each, from the sidecar. */
  readonly mean: readonly number[];
  readonly density: readonly number[];
  /** Best label by concept number. */
  readonly labels: ReadonlyMap<number, string>;
  /** Every label given, with the concepts that bear it, ascending. */
  readonly idsByLabel: ReadonlyMap<string, readonly number[]>;
  /** What each label rests on, by concept number. */
  readonly evidence: ReadonlyMap<number, readonly ConceptLabel[]>;
  readonly contextFree: ReadonlySet<number>;
  /** Hash of the SAE that the labels were made for; undefined without labels. */
  readonly labelsHash: string | undefined;
}

/** No sidecar or list of labels that we write is longer; reading stays far below what anybody notices. */
const maxBytes = 16 * 2 ** 20;
const longestLabel = 200;
const mostLabels = 100;

/**
 * Read what lies beside an SAE's weights. Checked by hand, not by the full schema, which takes a hundred times as long on a long list of
 * labels; that they belong to these very weights is for a run to check, since it takes the weights' hash.
 * @throws InputError when the folder holds no SAE, or a file is malformed
 */
export async function readSaeFacts(folder: string): Promise<SaeFacts> {
  const { d, n, k: own, nonlinearity } = await describeCheckpoint(folder);
  const file = join(folder, sidecarName);
  const { site, branch, statistics, k = own } = objectOf(await readJsonFile(file, { maxBytes }).catch(async (error: unknown) => { throw await missingSidecar(folder) ?? error; }));
  const { mean, density } = objectOf(statistics);
  if (!isCount(k, n) || (nonlinearity === 'topk' && k !== own) || typeof site !== 'string' || site === '' || site.length > longestLabel || !isBranch(branch) || !areNumbers(mean, n) || !areNumbers(density, n)) {
    throw new InputError(phrase`is not the sidecar of an SAE with ${n} concepts`, { file, remedy: phrase`Train the SAE again, or correct the sidecar by hand.` });
  }
  return { folder, site, branch, d, n, k, mean, density, ...await readLabels(join(folder, labelsFile), n) };
}

async function readLabels(file: string, n: number): Promise<Pick<SaeFacts, 'labels' | 'idsByLabel' | 'evidence' | 'contextFree' | 'labelsHash'>> {
  const labels = new Map<number, string>();
  const idsByLabel = new Map<string, number[]>();
  const evidence = new Map<number, ConceptLabel[]>();
  const contextFree = new Set<number>();
  if (await stat(file).catch(() => undefined) === undefined) return { labels, idsByLabel, evidence, contextFree, labelsHash: undefined };

  const { saeHash, concepts } = objectOf(await readJsonFile(file, { maxBytes }));
  for (const [key, concept] of Object.entries(objectOf(concepts))) { // keys that are whole numbers come in ascending order
    const id = Number(key);
    if (!Number.isInteger(id) || id < 0 || id >= n) {
      throw new InputError(phrase`the SAE has ${n} concepts`, { file, place: `/concepts/${key.slice(0, longestLabel)}`, remedy: phrase`Label the SAE again (dmi sae label), or delete the file.` });
    }
    const { label, labels: given, contextFree: alwaysSame } = objectOf(concept);
    const rows = (Array.isArray(given) ? given.slice(0, mostLabels) : []).filter(isConceptLabel);
    if (isLabel(label)) labels.set(id, label);
    if (rows.length > 0) evidence.set(id, rows);
    if (alwaysSame === true) contextFree.add(id);
    for (const name of new Set([...rows.map((row) => row.label), ...(isLabel(label) ? [label] : [])])) {
      const bearers = idsByLabel.get(name);
      if (bearers === undefined) idsByLabel.set(name, [id]);
      else bearers.push(id);
    }
  }
  return { labels, idsByLabel, evidence, contextFree, labelsHash: typeof saeHash === 'string' ? saeHash : undefined };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {};
}

function isBranch(value: unknown): value is SaeFacts['branch'] {
  return value === 'cond' || value === 'uncond' || value === 'both';
}

function isCount(value: unknown, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most;
}

function areNumbers(value: unknown, length: number): value is number[] {
  return Array.isArray(value) && value.length === length && value.every((item) => typeof item === 'number' && Number.isFinite(item) && item >= 0);
}

function isLabel(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longestLabel;
}

const kinds: ReadonlySet<unknown> = new Set(['mask', 'part', 'attribute', 'place']);
const stretches: ReadonlySet<unknown> = new Set(['early', 'middle', 'late']);

function isConceptLabel(value: unknown): value is ConceptLabel {
  const { label, kind, iou, inside, auroc, n, of, steps } = objectOf(value);
  return isLabel(label) && kinds.has(kind) && stretches.has(steps) && Number.isInteger(n) && Number.isInteger(of)
    && [iou, inside, auroc].every((measure) => measure === undefined || (typeof measure === 'number' && Number.isFinite(measure)));
}
