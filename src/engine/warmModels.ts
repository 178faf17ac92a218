import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CancelledError, InputError } from '../base/errors.ts';
import { fileStamps } from '../base/fileStamps.ts';
import { openPipelineFolder, pipelineStamp } from '../diffusion/pipelineFolder.ts';
import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import { loadLabelledSaes } from '../experiment/labelledSaes.ts';
import type { LabelledSae } from '../experiment/labelledSaes.ts';
import type { ModelLibrary } from '../experiment/modelLibrary.ts';
import type { ModelRequest } from '../experiment/modelRequest.ts';
import { probeInChild } from '../experiment/provider/probeInChild.ts';
import { ProviderDesk } from '../experiment/provider/providerDesk.ts';
import type { DeskOptions, MachineChoice } from '../experiment/provider/providerDesk.ts';
import type { Tell } from '../experiment/tell.ts';
import { TracingModel } from '../experiment/tracingModel.ts';
import type { Provider } from '../onnx/provider.ts';

type Admitted = Awaited<ReturnType<ProviderDesk['admit']>>;

/**
 * Keeps what the last spec used: hashes and SAEs as long as their files stay as they are, and one model in memory. `use` is for one
 * job at a time.
 */
export class WarmModels implements ModelLibrary {
  readonly tell: Tell;
  readonly #desk: ProviderDesk;
  readonly #pipeline = new Kept<PipelineFolder>();
  readonly #saes = new Kept<ReadonlyMap<string, LabelledSae>>();
  #loaded: { readonly key: string; readonly options: Admitted; readonly model: TracingModel } | undefined;

  /** @param options how providers are tried, and who is told of it; left out: in a child, and nobody */
  constructor(machine: MachineChoice, options: Partial<DeskOptions> = {}) {
    this.tell = options.tell ?? (() => undefined);
    this.#desk = new ProviderDesk(machine, { prober: probeInChild(), ...options, tell: this.tell });
  }

  provider(request: ModelRequest): Promise<Provider> {
    return this.#desk.providerFor(request);
  }

  async pipeline(folder: string): Promise<PipelineFolder> {
    const stamp = await pipelineStamp(folder).catch(() => undefined); // what is wrong is for the reader to say
    return this.#pipeline.get(stamp, () => openPipelineFolder(folder));
  }

  async saes(folders: readonly string[]): Promise<ReadonlyMap<string, LabelledSae>> {
    const files = await Promise.all(folders.map(saeFiles)).catch(() => undefined);
    return this.#saes.get(files && await fileStamps(files.flat()), () => loadLabelledSaes(folders));
  }

  async use<T>(request: ModelRequest, task: (model: TracingModel) => Promise<T>): Promise<T> {
    const key = await keyOf(request);
    if (this.#loaded?.key !== key) await this.#close(); // before the other one is tried and loaded: two may not fit into memory
    const options = this.#loaded?.options ?? await this.#desk.admit(request);
    return this.#desk.using(request, options.provider, async () => {
      try {
        return await task((this.#loaded ??= { key, options, model: await this.#load(request, options) }).model);
      } catch (error) {
        // After a fault of ours nothing is known of the model's state.
        if (!(error instanceof InputError || error instanceof CancelledError)) await this.#close();
        throw error;
      }
    });
  }

  #load({ pipeline, saes, branch, editable = [], cacheFolder }: ModelRequest, options: Admitted): Promise<TracingModel> {
    return TracingModel.load(pipeline, saes, branch, cacheFolder, { ...options, tell: this.tell }, editable);
  }

  async #close(): Promise<void> {
    const { model } = this.#loaded ?? {};
    this.#loaded = undefined;
    await model?.close();
  }
}

/** Equal for requests that one model in memory answers. */
async function keyOf({ pipeline, saes, branch, editable = [], provider }: ModelRequest): Promise<string> {
  return JSON.stringify([pipeline.folder, await pipeline.hash(), branch, provider, ...[saes, editable].map((some) => some.map(({ site, folder, hash }) => [site, folder, hash]))]);
}

/** One value, as long as its stamp stays the same. */
class Kept<T> {
  #last: { readonly stamp: string; readonly value: T } | undefined;

  /** @param stamp undefined where the value must be read anew */
  async get(stamp: string | undefined, read: () => Promise<T>): Promise<T> {
    if (stamp !== undefined && stamp === this.#last?.stamp) return this.#last.value;
    this.#last = undefined;
    const value = await read();
    if (stamp !== undefined) this.#last = { stamp, value };
    return value;
  }
}

/** All files that may belong to SAEs: those of the folder and of its folders. */
async function saeFiles(folder: string): Promise<string[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'));
  const inside = await Promise.all(entries.filter((entry) => entry.isDirectory()).map(async ({ name }) => (await readdir(join(folder, name))).map((file) => join(folder, name, file))));
  return [folder, ...entries.map(({ name }) => join(folder, name)), ...inside.flat()].sort();
}
