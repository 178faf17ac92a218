import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import type { Provider } from '../onnx/provider.ts';
import type { Sae } from '../sae/sae.ts';
import type { RunDefinition } from './plan.ts';

/** What decides how a model is loaded. */
export interface ModelRequest {
  readonly pipeline: PipelineFolder;
  /** One per traced site. */
  readonly saes: readonly Sae[];
  readonly branch: RunDefinition['trace']['branch'];
  /** One per site that edits may name; left out: none. */
  readonly editable?: readonly Sae[];
  /** What the runs are planned for; left out: that is to be found out. */
  readonly provider?: Provider;
  /** Where what is fitted once per model is kept. */
  readonly cacheFolder: string;
}
