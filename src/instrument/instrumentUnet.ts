import { realpath } from 'node:fs/promises';
import { closest } from '../base/closest.ts';
import { InputError } from '../base/errors.ts';
import { fileError } from '../base/fileBytes.ts';
import type { Tensor } from '../base/tensor.ts';
import { SessionDenoiser } from '../diffusion/denoiser.ts';
import type { Denoiser, Prediction } from '../diffusion/denoiser.ts';
import { GraphBuilder } from '../onnx/graphBuilder.ts';
import { indexModel } from '../onnx/modelIndex.ts';
import type { ModelIndex } from '../onnx/modelIndex.ts';
import { openSession } from '../onnx/session.ts';
import type { OpenOptions, Session } from '../onnx/session.ts';
import { commonFolder, locationIn, writeSkeleton } from '../onnx/skeleton.ts';
import { branchRows } from './branchRows.ts';
import type { Branch } from './branchRows.ts';
import type { SiteEncoder } from './siteEncoder.ts';
import { SiteFragment } from './siteFragment.ts';
import type { SiteRequest } from './siteFragment.ts';
import { findSites } from './sites.ts';
import type { Site } from './sites.ts';

/** What an instrumented U-Net tells beside its prediction. */
export interface Instruments {
  /** Sites whose Δ is wanted as it is. */
  readonly taps: readonly string[];
  /** SAEs whose indices and values are wanted, at most one for each site. */
  readonly encoders: readonly SiteEncoder[];
  /** Which rows of the batch; one row alone is every branch. */
  readonly branch: Branch;
  /** Sites whose Δ, on those rows, gives way to zero or to the SAE's reconstruction. Without any, the prediction is that of the plain U-Net, bit for bit. */
  readonly replacements?: readonly { readonly site: string; readonly by: 'zero' | SiteEncoder }[];
}

/** A U-Net that tells Δ as `delta/<site>` [rows, channels, height, width] and concepts as `sae/<site>/indices` and `/values` [rows, cells, k]. */
export class InstrumentedUnet implements Denoiser {
  readonly #session: Session;
  readonly #denoiser: SessionDenoiser;

  constructor(session: Session, file: string) {
    this.#session = session;
    this.#denoiser = new SessionDenoiser(session, file);
  }

  /** Milliseconds inside ONNX Runtime so far. */
  get runMs(): number {
    return this.#session.runMs;
  }

  predict(sample: Tensor, timestep: number, promptEmbeds: Tensor): Promise<Prediction> {
    return this.#denoiser.predict(sample, timestep, promptEmbeds);
  }

  async close(): Promise<void> {
    await this.#session.close();
  }
}

/** Domain and operators that Olive writes for other devices; the CPU has no kernels for them. */
const deviceDomain = 'com.microsoft';
const deviceOperators = new Set(['NhwcConv', 'GroupNorm', 'SkipGroupNorm', 'BiasSplitGelu']);

/**
 * Load a U-Net with instruments in its graph; its weights stay in the model's file and the SAEs' files.
 * @throws InputError when the model or an SAE is malformed, a site does not exist, or the model is made for another device
 */
export async function openInstrumentedUnet(path: string, instruments: Instruments, options: OpenOptions = {}): Promise<InstrumentedUnet> {
  const index = await indexModel(path);
  checkInstrumentable(index);
  const requests = siteRequests(index, instruments);
  const saeFiles = new Map<string, string>();
  for (const { encoder, replacement } of requests) {
    for (const sae of [encoder, replacement]) {
      if (sae !== undefined && sae !== 'zero') saeFiles.set(sae.file, await realFile(sae.file));
    }
  }
  const modelFiles = [...index.weights.values()].flatMap(({ data }) => data instanceof Uint8Array ? [] : [data.path]);
  const folder = commonFolder([await realpath(path), ...new Set(modelFiles), ...saeFiles.values()]);
  const sample = sampleInput(index);
  const shared = new GraphBuilder({ prefix: 'dmi/' });
  const rows = branchRows(shared, sample, instruments.branch);
  const locate = (file: string): string => locationIn(folder, saeFiles.get(file) ?? file);
  const skeleton = writeSkeleton(index, folder, [
    { after: sample, fragment: shared.takeFields() },
    ...requests.map(request => new SiteFragment(request, instruments.branch, rows, locate).build()),
  ]);
  const session = await openSession({ bytes: skeleton, externalFolder: folder, label: path }, options);
  try {
    return new InstrumentedUnet(session, path);
  } catch (error) {
    await session.close();
    throw error;
  }
}

function checkInstrumentable({ path, nodes, weights, opsets }: ModelIndex): void {
  const foreign = nodes.find(({ domain, opType }) => domain === deviceDomain && deviceOperators.has(opType));
  if (foreign !== undefined) {
    throw new InputError(`operator ${foreign.opType} runs on other devices only`, {
      file: path, place: foreign.name, remedy: 'Export the model without optimisation for a device (Olive writes such operators).',
    });
  }
  const opset = opsets.get('') ?? 0;
  if (opset < 11) {
    throw new InputError(`is written in operator set ${opset}`, { file: path, remedy: 'Export it with operator set 11 or later.' });
  }
  const ours = [...weights.keys(), ...nodes.flatMap(({ outputs }) => outputs)].find(name => name.startsWith('dmi/'));
  if (ours !== undefined) {
    throw new InputError('has instruments in it already', { file: path, place: ours, remedy: 'Use the model as it was exported.' });
  }
}

/** The input that tells how many rows a batch has. Old models list their weights among the inputs. */
function sampleInput({ path, inputs, weights }: ModelIndex): string {
  const sample = inputs.find(({ name, dims }) => dims.length === 4 && !weights.has(name));
  if (sample === undefined) {
    throw new InputError('has no input [batch, channels, height, width]', { file: path, remedy: 'Name the U-Net of a diffusion pipeline.' });
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
function siteRequests(index: ModelIndex, { taps, encoders, replacements = [] }: Instruments): SiteRequest[] {
  const sites = findSites(index);
  for (const wanted of [...taps, ...encoders.map(({ site }) => site), ...replacements.map(({ site }) => site)]) {
    if (!sites.some(({ name }) => name === wanted)) {
      const names = sites.map(({ name }) => name);
      const guess = closest(wanted, names);
      throw new InputError(`has no site ${wanted}`, {
        file: index.path, place: wanted, remedy: guess === undefined ? `Choose one of: ${names.join(', ')}.` : `Did you mean ${guess}?`,
      });
    }
  }
  return sites
    .map(site => ({
      site,
      tap: taps.includes(site.name),
      encoder: fitting(site, encoders.find(encoder => encoder.site === site.name)),
      replacement: fitting(site, replacements.find(replacement => replacement.site === site.name)?.by),
    }))
    .filter(({ tap, encoder, replacement }) => tap || encoder !== undefined || replacement !== undefined);
}

/** The SAE itself. @throws InputError when it is not as wide as its site */
function fitting<T extends SiteEncoder | 'zero' | undefined>(site: Site, sae: T): T {
  if (typeof sae === 'object' && sae.d !== site.channels) {
    throw new InputError(`this SAE reads ${sae.d} channels, ${site.name} has ${site.channels}`, {
      file: sae.file, place: site.name, remedy: 'Use an SAE that was trained at this site of this model.',
    });
  }
  return sae;
}
