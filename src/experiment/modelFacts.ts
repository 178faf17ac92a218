import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { fileStamps } from '../base/fileStamps.ts';
import { listFolder } from '../base/listFolder.ts';
import { siteChoiceName } from '../diffusion/siteChoiceName.ts';
import { readJudgeOffer } from '../judge/judgeFolder.ts';
import { saeFolders } from '../sae/loadSaes.ts';
import { sidecarName } from '../sae/sidecar.ts';
import type { ModelView } from '../spec/checkAgainstModel.ts';
import type { TellSchedule } from '../spec/checkSchedule.ts';
import type { SpecFolders } from '../spec/resolveFolders.ts';
import { readSaeFacts, type SaeFacts } from './saeFacts.ts';
import { schedulerFile, schedulesOf } from './schedulesOf.ts';

/** What can be known of a model, its SAEs and its judge without their weights. */
export interface ModelFacts {
  readonly modelFolder: string;
  readonly modelName: string;
  /** In the order of the network. */
  readonly saes: readonly SaeFacts[];
  /** Nouns that the judge is known to measure; undefined without a judge. */
  readonly nouns: readonly string[] | undefined;
  /** The judge is asked in words: it measures other nouns too. */
  readonly anyNoun?: boolean;
  /** Measures that the judge has no network for. */
  readonly lacking?: readonly ('clip' | 'perceptual')[];
  /** When the U-Net is asked; undefined where the pipeline does not say. */
  readonly schedule?: TellSchedule;
  /** Why something is missing here that lies on the disk. */
  readonly faults: readonly InputError[];
  /** Why no site of the U-Net can be told, and what to do; looked for only where there is no SAE. */
  readonly noSites?: InputError;
}

/** An SAE's folder, or a judge's, holds a handful of files. */
const mostFiles = 256;

/** Reads facts, and reads again only what has changed on the disk. */
export class FactsReader {
  readonly #saes = new Map<string, { readonly stamp: string; readonly facts: Promise<SaeFacts> }>();
  readonly #known = new Map<string, { readonly stamp: string; readonly facts: ModelFacts }>();

  /** Never throws: what cannot be read is among the faults. As long as nothing changes on the disk, the same object comes back. */
  async read({ model, saes, judge }: Pick<SpecFolders, 'model' | 'saes' | 'judge'>): Promise<ModelFacts> {
    const faults: InputError[] = [];
    const attempt = async <T>(work: Promise<T>): Promise<T | undefined> => work.catch((error: unknown) => {
      if (error instanceof InputError) faults.push(error);
      return undefined;
    });
    const folders = (await Promise.all(saes.map((folder) => attempt(saeFolders(folder))))).flatMap((found) => found ?? []);
    const stamps = await Promise.all([...folders, ...(judge === undefined ? [] : [judge])].map(stampOf));
    const key = JSON.stringify([model, saes, judge]);
    const stamp = JSON.stringify([folders, stamps, folders.length === 0 && await stampOfSites(model), await fileStamps([schedulerFile(model)])]);
    const known = this.#known.get(key);
    if (known?.stamp === stamp) return known.facts;

    const bySite = new Map<string, SaeFacts>();
    for (const [index, folder] of folders.entries()) {
      const facts = await attempt(this.#readSae(folder, stamps[index]));
      const twin = facts && bySite.get(facts.site);
      if (twin !== undefined) {
        faults.push(new InputError(phrase`a second SAE for the site ${twin.site}; the first is in ${twin.folder}`, {
          file: join(folder, sidecarName), remedy: phrase`Name one SAE per site under "saes".`,
        }));
      } else if (facts !== undefined) bySite.set(facts.site, facts);
    }
    const offer = judge === undefined ? undefined : await attempt(readJudgeOffer(judge));
    const noSites = folders.length === 0 ? await faultOfSites(model) : undefined;
    const schedule = await schedulesOf(model);
    const facts: ModelFacts = {
      modelFolder: model, modelName: basename(model), faults, ...(noSites && { noSites }), ...(schedule && { schedule }),
      // Blocks of U-Nets are named so that their names' order is that of the network: down, mid, up.
      saes: [...bySite.values()].sort((a, b) => a.site.localeCompare(b.site, 'en', { numeric: true })),
      nouns: offer?.nouns === 'any' ? [] : offer?.nouns,
      ...(offer !== undefined && {
        anyNoun: offer.nouns === 'any',
        lacking: [...(offer.similarity ? [] : ['clip' as const]), ...(offer.perceptual ? [] : ['perceptual' as const])],
      }),
    };
    this.#known.set(key, { stamp, facts });
    return facts;
  }

  async #readSae(folder: string, stamp: string): Promise<SaeFacts> {
    const known = this.#saes.get(folder);
    if (known?.stamp === stamp) return known.facts;
    const facts = readSaeFacts(folder);
    this.#saes.set(folder, { stamp, facts });
    return facts;
  }
}

/** Where a model has no SAE yet, the first question is where one could be. */
async function faultOfSites(model: string): Promise<InputError | undefined> {
  const { readSites } = await import('../instrument/readSites.ts');
  const file = join(model, 'unet', 'model.onnx');
  try {
    if ((await readSites(file)).length > 0) return undefined;
    return new InputError(phrase`none of its transformer blocks can be recognised`, {
      file, remedy: phrase`Nothing can be traced or edited before you have chosen them, once: dmi sites ${model}`,
    });
  } catch (error) {
    return error instanceof InputError && existsSync(file) ? error : undefined; // that there is no U-Net, others say
  }
}

async function stampOfSites(model: string): Promise<string> {
  return fileStamps([join(model, 'unet', 'model.onnx'), join(model, siteChoiceName)]);
}

/** Changes whenever a file of a folder does. */
async function stampOf(folder: string): Promise<string> {
  const names = (await listFolder(folder, mostFiles)).map(({ name }) => name).sort();
  return await fileStamps(names.map((name) => join(folder, name)));
}

/** What a spec may name. */
export function modelView({ saes, nouns, anyNoun = false, lacking = [] }: ModelFacts): ModelView {
  const bySite = new Map(saes.map((sae) => [sae.site, sae]));
  return {
    sites: [...bySite.keys()],
    size: (site) => bySite.get(site)?.n ?? 0,
    branch: (site) => bySite.get(site)?.branch ?? 'both',
    idsOf: (site, label) => bySite.get(site)?.idsByLabel.get(label) ?? [],
    labels: (site) => [...bySite.get(site)?.idsByLabel.keys() ?? []].sort(),
    nouns, anyNoun, lacking,
  };
}
