import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import type { SampleRequest } from '../diffusion/sample.ts';
import type { Activation } from '../instrument/siteEncoder.ts';
import type { Provider } from '../onnx/provider.ts';
import type { BufferLimit } from './activationBuffer.ts';

/** One generation. */
export type Generation = Pick<SampleRequest, 'prompt' | 'seed'>;

/** How all generations are sampled. */
export type Sampling = Omit<SampleRequest, 'prompt' | 'seed' | 'signal'>;

/** Which activations of which model, and where they are kept. */
export interface ActivationRequest {
  readonly model: PipelineFolder;
  readonly sites: readonly string[];
  /** Of sites whose update is not meant. */
  readonly activations?: Readonly<Record<string, Activation>>;
  readonly generations: readonly Generation[];
  readonly sampling: Sampling;
  /** Decides which cells are kept. */
  readonly seed: number;
  readonly limit: BufferLimit;
  /** Folder of the buffer. */
  readonly folder: string;
  readonly threads?: number;
  /** What runs the model; left out: the CPU. */
  readonly provider?: Provider;
  readonly signal?: AbortSignal;
  readonly onGeneration?: (done: number, total: number) => void;
}
