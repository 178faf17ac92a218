import { openPipelineFolder } from '../diffusion/pipelineFolder.ts';
import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import { defaultProvider } from '../onnx/provider.ts';
import type { MachineOptions } from '../onnx/session.ts';
import type { Sae } from '../sae/sae.ts';
import { loadLabelledSaes } from './labelledSaes.ts';
import type { LabelledSae } from './labelledSaes.ts';
import type { RunDefinition } from './plan.ts';
import { TracingModel } from './tracingModel.ts';

/** What decides how a model is loaded. */
export interface ModelRequest {
  readonly pipeline: PipelineFolder;
  /** One per traced site. */
  readonly saes: readonly Sae[];
  readonly branch: RunDefinition['trace']['branch'];
  /** One per site that edits may name; left out: none. */
  readonly editable?: readonly Sae[];
  /** Where what is fitted once per model is kept. */
  readonly cacheFolder: string;
}

/** Where models and SAEs come from: read for one spec, or kept between specs. */
export interface ModelLibrary {
  /** What computes, as ONNX Runtime calls it. */
  readonly provider: string;
  /** @throws InputError as `openPipelineFolder` */
  pipeline(folder: string): Promise<PipelineFolder>;
  /** By site. @throws InputError as `loadLabelledSaes` */
  saes(folders: readonly string[]): Promise<ReadonlyMap<string, LabelledSae>>;
  /** Do something with a model in memory; it must not be used afterwards. @throws InputError as `TracingModel.load`, and what `task` throws */
  use<T>(request: ModelRequest, task: (model: TracingModel) => Promise<T>): Promise<T>;
}

/** Reads everything anew, and keeps nothing. */
export function freshModels(options: MachineOptions = {}): ModelLibrary {
  return {
    provider: options.provider ?? defaultProvider,
    pipeline: openPipelineFolder,
    saes: loadLabelledSaes,
    async use({ pipeline, saes, branch, editable, cacheFolder }, task) {
      const model = await TracingModel.load(pipeline, saes, branch, cacheFolder, options, editable);
      try {
        return await task(model);
      } finally {
        await model.close();
      }
    },
  };
}
