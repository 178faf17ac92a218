import { openPipelineFolder } from '../diffusion/pipelineFolder.ts';
import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import type { Provider } from '../onnx/provider.ts';
import { loadLabelledSaes } from './labelledSaes.ts';
import type { LabelledSae } from './labelledSaes.ts';
import type { ModelRequest } from './modelRequest.ts';
import { probeInChild } from './provider/probeInChild.ts';
import { ProviderDesk } from './provider/providerDesk.ts';
import type { DeskOptions, MachineChoice } from './provider/providerDesk.ts';
import type { Tell } from './tell.ts';
import { TracingModel } from './tracingModel.ts';

/** Where models and SAEs come from: read for one spec, or kept between specs. */
export interface ModelLibrary {
  /** Told what takes a while, and how providers do. */
  readonly tell: Tell;
  /** What is to compute runs of a model: where that is for the machine to choose, measured the first time. @throws InputError at a name that no provider has, CancelledError */
  provider(request: ModelRequest): Promise<Provider>;
  /** @throws InputError as `openPipelineFolder` */
  pipeline(folder: string): Promise<PipelineFolder>;
  /** By site. @throws InputError as `loadLabelledSaes` */
  saes(folders: readonly string[]): Promise<ReadonlyMap<string, LabelledSae>>;
  /** Do something with a model in memory; it must not be used afterwards. @throws InputError as `TracingModel.load`, and what `task` throws */
  use<T>(request: ModelRequest, task: (model: TracingModel) => Promise<T>): Promise<T>;
}

/** Reads everything anew, and keeps nothing. @param options how providers are tried, and who is told of it; left out: in a child, and nobody */
export function freshModels(machine: MachineChoice = {}, options: Partial<DeskOptions> = {}): ModelLibrary {
  const { tell = () => undefined } = options;
  const desk = new ProviderDesk(machine, { prober: probeInChild(), ...options, tell });
  return {
    tell,
    provider: (request) => desk.providerFor(request),
    pipeline: openPipelineFolder,
    saes: loadLabelledSaes,
    async use(request, task) {
      const { pipeline, saes, branch, editable, cacheFolder } = request;
      const admitted = await desk.admit(request);
      return desk.using(request, admitted.provider, async () => {
        const model = await TracingModel.load(pipeline, saes, branch, cacheFolder, { ...admitted, tell }, editable);
        try {
          return await task(model);
        } finally {
          await model.close();
        }
      });
    },
  };
}
