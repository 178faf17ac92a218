import { realpath } from 'node:fs/promises';
import { closest } from '../base/closest.ts';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { Phrase } from '../base/phrase.ts';
import { fileError } from '../base/fileBytes.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Conditioning } from '../diffusion/conditioning.ts';
import { SessionDenoiser } from '../diffusion/denoiser.ts';
import type { Denoiser, Prediction } from '../diffusion/denoiser.ts';
import { sampleOf } from '../diffusion/latentShape.ts';
import { GraphBuilder } from '../onnx/graphBuilder.ts';
import { recentIndex } from '../onnx/recentIndex.ts';
import type { ModelIndex } from '../onnx/modelIndex.ts';
import { economy } from '../onnx/openModel.ts';
import { openSession } from '../onnx/session.ts';
import type { OpenOptions, Session } from '../onnx/session.ts';
import { commonFolder, locationIn, writeSkeleton } from '../onnx/skeleton.ts';
import { branchRows, rowsOfBranch } from './branchRows.ts';
import type { Branch } from './branchRows.ts';
import { checkInstrumentable, opsetOf } from './checkInstrumentable.ts';
import { checkCells } from './editFeeds.ts';
import { EditPacker } from './editPacker.ts';
import type { SiteEditor, SiteEdits } from './siteEdits.ts';
import type { Activation, SiteEncoder } from './siteEncoder.ts';
import { SiteFragment, valueOf } from './siteFragment.ts';
import type { SiteRequest } from './siteFragment.ts';
import { sitesOf } from './readSites.ts';
import type { Site } from './sites.ts';

/** What an instrumented U-Net tells beside its prediction. */
export interface Instruments {
  /** Sites whose Δ is wanted as it is. */
  readonly taps: readonly string[];
  /** Other activations that are wanted as they are: `output/<site>` and `input/<site>`. */
  readonly otherTaps?: readonly { readonly site: string; readonly activation: Activation }[];
  /** SAEs whose indices and values are wanted, at most one for each site. */
  readonly encoders: readonly SiteEncoder[];
  /** Which rows of the batch; one row alone is every branch. */
  readonly branch: Branch;
  /** Sites whose Δ (or another activation), on those rows, gives way to zero or to the SAE's reconstruction. Without any, the prediction is that of the plain U-Net, bit for bit. */
  readonly replacements?: readonly { readonly site: string; readonly by: 'zero' | SiteEncoder; readonly activation?: Activation }[];
  /** SAEs along whose concepts Δ (or another activation) can be edited, at most one for each site, none where one is replaced. Without edits in force, the prediction is that of the plain U-Net, bit for bit. */
  readonly editors?: readonly SiteEditor[];
}

/**
 * A U-Net that tells activations, Δ as `delta/<site>` [rows, channels, height, width], and concepts as `sae/<site>/indices` and `/values` [rows, cells, k],
 * each as its block computed it, before any edit of that step at that site.
 */
export class InstrumentedUnet implements Denoiser {
  readonly #session: Session;
  readonly #denoiser: SessionDenoiser;
  readonly #packer: EditPacker;
  /** Outputs of every prediction, and those on demand. */
  readonly #taps: readonly string[];
  readonly #updates: readonly string[];

  constructor(session: Session, file: string, { taps, encoders, editors = [], branch }: Instruments) {
    this.#session = session;
    this.#packer = new EditPacker(editors, encoders, batch => rowsOfBranch(branch, batch));
    this.#denoiser = new SessionDenoiser(session, file, { isOurs: input => this.#packer.inputs.has(input), shown: batch => rowsOfBranch(branch, batch) });
    const onDemand = new Set(editors.flatMap(({ site }) => [`edited/${site}`, ...taps.includes(site) ? [] : [`delta/${site}`]]));
    const [, ...names] = session.outputs.map(({ name }) => name);
    this.#taps = names.filter(name => !onDemand.has(name));
    this.#updates = names;
  }

  /** Milliseconds inside ONNX Runtime so far. */
  get runMs(): number {
    return this.#session.runMs;
  }

  /**
   * @param edits in force at this step, at most one for each editable site
   * @param fetch.updates also gives `edited/<site>`, Δ after its edits, and `delta/<site>` of every editable site, on the rows of the branch
   * @throws RangeError when edits do not fit the batch, the site or its SAE
   */
  async predict(sample: Tensor, timestep: number, conditioning: Conditioning, edits: readonly SiteEdits[] = [], { updates = false }: { updates?: boolean } = {}): Promise<Prediction> {
    const ask = (of: readonly SiteEdits[], taps: readonly string[]): Promise<Prediction> =>
      this.#denoiser.predict(sample, timestep, conditioning, rows => this.#packer.feeds(of, rows, sample.shape[0]), taps);
    try {
      return await ask(edits, updates ? this.#updates : this.#taps);
    } catch (error) {
      if (edits.length === 0 || error instanceof RangeError) throw error;
      // Exports seldom tell a site's grid, so that only the graph notices edits made for another.
      const { taps } = await ask([], this.#updates);
      for (const { site, rows } of edits) {
        const [, , height, width] = taps[`edited/${site}`].shape;
        checkCells(site, rows, height * width);
      }
      throw error;
    }
  }

  /** As `Session.endProfile`. */
  endProfile(): void {
    this.#session.endProfile();
  }

  async close(): Promise<void> {
    await this.#session.close();
  }
}

/**
 * Load a U-Net with instruments in its graph; its weights stay in the model's file and the SAEs' files.
 * @throws InputError when the model or an SAE is malformed, a site does not exist, or the model is made for another device
 */
export async function openInstrumentedUnet(path: string, instruments: Instruments, options: OpenOptions = {}): Promise<InstrumentedUnet> {
  const index = await recentIndex(path);
  checkInstrumentable(index, (instruments.editors ?? []).length > 0);
  const requests = siteRequests(index, await sitesOf(index), instruments);
  const saeFiles = new Map<string, string>();
  for (const { encoder, replacement, editor } of requests) {
    for (const sae of [encoder, replacement, editor]) {
      if (sae !== undefined && sae !== 'zero') saeFiles.set(sae.file, await realFile(sae.file));
    }
  }
  const modelFiles = [...index.weights.values()].flatMap(({ data }) => data instanceof Uint8Array ? [] : [data.path]);
  const folder = commonFolder([await realpath(path), ...new Set(modelFiles), ...saeFiles.values()]);
  const sample = sampleInput(index);
  const shared = new GraphBuilder({ prefix: 'dmi/' });
  const rows = branchRows(shared, sample, instruments.branch);
  const locate = (file: string): string => locationIn(folder, saeFiles.get(file) ?? file);
  const context = { branch: instruments.branch, rows, locate, opset: opsetOf(index) };
  const skeleton = writeSkeleton(index, folder, [
    { after: sample, fragment: shared.takeFields() },
    ...requests.map(request => new SiteFragment(request, context).build()),
  ]);
  const session = await openSession({ bytes: skeleton, externalFolder: folder, label: path }, { ...economy(index, options), ...options });
  try {
    return new InstrumentedUnet(session, path, instruments);
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** The input that tells how many rows a batch has. */
function sampleInput(index: ModelIndex): string {
  const sample = sampleOf(index);
  if (sample === undefined) {
    throw new InputError(phrase`has no input [batch, channels, height, width]`, { file: index.path, remedy: phrase`Name the U-Net of a diffusion pipeline.` });
  }
  return sample.name;
}

async function realFile(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    throw fileError(error, path);
  }
}

/** What is wanted of each site, in order of execution. */
function siteRequests(index: ModelIndex, sites: readonly Site[], { taps, otherTaps = [], encoders, replacements = [], editors = [] }: Instruments): SiteRequest[] {
  for (const wanted of [...taps, ...otherTaps.map(({ site }) => site), ...[...encoders, ...replacements, ...editors].map(({ site }) => site)]) {
    if (!sites.some(({ name }) => name === wanted)) {
      const names = sites.map(({ name }) => name);
      const guess = closest(wanted, names);
      throw new InputError(phrase`has no site ${wanted}`, {
        file: index.path, place: wanted, remedy: remedyFor(guess, names),
      });
    }
  }
  const both = editors.find(({ site }) => replacements.some(replacement => replacement.site === site));
  if (both !== undefined) throw new RangeError(`the update of ${both.site} cannot be both replaced and edited`);
  const reads = (site: Site, activation: Activation) => (sae: { readonly site: string; readonly activation?: Activation }): boolean =>
    sae.site === site.name && (sae.activation ?? 'update') === activation;
  const requests = sites.flatMap(site => activations.map((activation): SiteRequest => {
    const replacement = replacements.find(({ site: name, by, activation: zeroed }) => reads(site, activation)(by === 'zero' ? { site: name, ...zeroed && { activation: zeroed } } : { ...by, site: name }))?.by;
    return {
      site, activation,
      // Where another activation is edited, `delta/<site>` is that one, before its edits.
      tap: activation === 'update' ? taps.includes(site.name) && !editors.some(editor => editor.site === site.name && !reads(site, activation)(editor)) : otherTaps.some(reads(site, activation)),
      encoder: fitting(site, encoders.find(reads(site, activation))),
      replacement: fitting(site, replacement),
      editor: fitting(site, editors.find(reads(site, activation))),
    };
  })).filter(({ tap, encoder, replacement, editor }) => tap || encoder !== undefined || replacement !== undefined || editor !== undefined);
  const values = requests.map(({ site, activation }) => valueOf(site, activation));
  const twice = values.find((value, at) => values.indexOf(value) !== at);
  if (twice !== undefined) {
    throw new InputError(phrase`is the output of one block and the input of another`, { file: index.path, place: twice, remedy: phrase`Name SAEs for one of the two at a time.` });
  }
  return requests;
}

function remedyFor(guess: string | undefined, sites: readonly string[]): Phrase {
  if (sites.length === 0) return phrase`None of its blocks can be recognised: see the candidates, and choose among them, with: dmi sites <model folder>.`;
  return guess === undefined ? phrase`Choose one of: ${sites.join(', ')}.` : phrase`Did you mean ${guess}?`;
}

/** In the order in which a block makes them. */
const activations: readonly Activation[] = ['input', 'update', 'output'];

/** The SAE itself. @throws InputError when it is not as wide as its site */
function fitting<T extends SiteEncoder | 'zero' | undefined>(site: Site, sae: T): T {
  if (typeof sae === 'object' && sae.d !== site.channels) {
    throw new InputError(phrase`this SAE reads ${sae.d} channels, ${site.name} has ${site.channels}`, {
      file: sae.file, place: site.name, remedy: phrase`Use an SAE that was trained at this site of this model.`,
    });
  }
  return sae;
}
