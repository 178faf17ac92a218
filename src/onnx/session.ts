import { availableParallelism } from 'node:os';
import type * as ort from 'onnxruntime-node';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { withFile } from '../base/fileBytes.ts';
import type { DType, Tensor, TensorData } from '../base/tensor.ts';
import { elementTypes } from './elementType.ts';
import { indexModel } from './modelIndex.ts';
import { defaultProvider, providers } from './provider.ts';
import type { Provider } from './provider.ts';
import { providerFault, providerRunFault } from './providerFault.ts';

/** An input or output as the model declares it; a free dimension stands by its name. */
export interface ValueInfo {
  readonly name: string;
  readonly dtype: string;
  readonly dims: readonly (number | string)[];
}

/** Bytes of a model, with the folder its external initializers are relative to; `label` names it in errors. */
export type ModelSource =
  | { readonly path: string }
  | { readonly bytes: Uint8Array; readonly externalFolder?: string; readonly label?: string };

export interface OpenOptions {
  /** Threads inside one operator; default: one per core. */
  readonly threads?: number;
  /** What computes; default `cpu`, which also does what another one cannot. */
  readonly provider?: Provider;
  /** Graph optimisation; default `all`. */
  readonly optimisation?: 'all' | 'extended' | 'basic' | 'disabled';
  /** Copy weights into the layout of the fastest kernels (default true); false leaves external weights mapped and shared. */
  readonly prepack?: boolean;
  /** Keep what a run has allocated for the next one (default true). */
  readonly arena?: boolean;
  /** Write what each node took, and which provider computed it, to a JSON file whose path begins like this; see `endProfile`. */
  readonly profile?: string;
}

/** What the machine decides about sessions, not the task. */
export type MachineOptions = Pick<OpenOptions, 'threads' | 'provider'>;

type Feeds = Readonly<Record<string, Tensor>>;

/** A loaded model. */
export interface Session {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Milliseconds spent inside ONNX Runtime's `run` so far. */
  readonly runMs: number;
  /**
   * Run once.
   * @param fetches outputs to compute, default all; or tensors for ONNX Runtime to write them into
   * @returns tensors over ONNX Runtime's own arrays, or over those given
   */
  run(feeds: Feeds, fetches?: readonly string[] | Feeds): Promise<Record<string, Tensor>>;
  /** Finish the file of a session that was opened with `profile`; later runs are not in it. */
  endProfile(): void;
  /** Free the model; the session cannot run again. */
  close(): Promise<void>;
}

/** Load a model into ONNX Runtime. @throws InputError when it is missing or malformed, or uses operators this machine cannot run */
export async function openSession(source: ModelSource, options: OpenOptions = {}): Promise<Session> {
  const { threads = availableParallelism(), provider = defaultProvider, optimisation = 'all', prepack = true, arena = true, profile } = options;
  const label = 'path' in source ? source.path : source.label ?? 'model in memory';
  const folder = 'bytes' in source ? source.externalFolder : undefined;
  const sessionOptions: ort.InferenceSession.SessionOptions = {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    graphOptimizationLevel: optimisation,
    enableCpuMemArena: arena,
    logSeverityLevel: 4, // errors reach us as exceptions
    ...(profile !== undefined && { enableProfiling: true, profileFilePrefix: profile }),
    extra: {
      session: {
        // Between two operators a thread looks for work for this long before it sleeps: without, small networks lose a sixth of their speed to waking up; for as long as
        // ONNX Runtime would, a thread that waits for one without a core takes it from others.
        'intra_op.allow_spinning': '1',
        'intra_op.spin_duration_us': '100',
        force_spinning_stop: '1',
        ...(prepack ? {} : { disable_prepacking: '1' }),
        ...(folder === undefined ? {} : { model_external_initializers_file_folder_path: folder }),
      },
    },
  };
  if ('path' in source) {
    await withFile(source.path, () => Promise.resolve()); // a missing file gets our own error
  }
  const runtime = await loadRuntime();
  try {
    const session = 'path' in source
      ? await runtime.InferenceSession.create(source.path, sessionOptions)
      : await runtime.InferenceSession.create(source.bytes, sessionOptions);
    return new OrtSession(session, runtime.Tensor, label, provider);
  } catch (error) {
    if ('path' in source) {
      await indexModel(source.path); // where the file is malformed, this names the place
    }
    if (provider === defaultProvider) throw loadError(error as Error, label);
    throw providerFault(error as Error, provider, { platform: process.platform, backends: backendsOf(runtime) });
  }
}

/** Native code: loaded only where it is needed. @throws InputError where the package holds none for this machine */
async function loadRuntime(): Promise<typeof ort> {
  // From 1.30 on it collects events under an id of the machine and sends them to its makers, unless told not to before it is loaded.
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    const machine = `${process.platform}-${process.arch}`;
    throw new InputError(phrase`ONNX Runtime cannot be loaded on this machine (${machine}): ${(error as Error).message.split('\n')[0]}`, {
      file: 'onnxruntime-node', remedy: runtimes.has(machine)
        ? phrase`Install the package for this platform: dmi-lens-<version>-${machine}.vsix.`
        : phrase`There is no ONNX Runtime for this platform: edit and view here, and run on another machine, for example through Remote-SSH.`,
    });
  }
}

/** What this build of ONNX Runtime is and knows. @throws InputError where there is none for this machine */
export async function runtimeBuild(): Promise<{ readonly version: string; readonly backends: readonly string[] }> {
  const runtime = await loadRuntime();
  return { version: runtime.env.versions.node ?? runtime.env.versions.common, backends: backendsOf(runtime) };
}

/** Those of its providers that we know as well. */
function backendsOf(runtime: typeof ort): readonly string[] {
  const known = runtime.listSupportedBackends().map(({ name }) => name);
  return providers.filter((provider) => known.includes(provider));
}

/** Machines that ONNX Runtime is built for. */
const runtimes = new Set(['linux-x64', 'linux-arm64', 'win32-x64', 'win32-arm64', 'darwin-arm64']);

function loadError(error: Error, file: string): InputError {
  const operator = /Could not find an implementation for (\w+)\(\d+\) node/.exec(error.message)?.[1];
  return operator === undefined
    ? new InputError(phrase`ONNX Runtime cannot load the model: ${error.message}`, {
      file, remedy: phrase`Export or download the model again; onnx.checker in Python says more about a damaged one.`,
    })
    : new InputError(phrase`operator ${operator} has no implementation on this machine`, {
      file, place: operator, remedy: phrase`Export the model for the CPU, without fused operators of another device.`,
    });
}

class OrtSession implements Session {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  runMs = 0;
  readonly #session: ort.InferenceSession;
  readonly #Tensor: typeof ort.Tensor;
  readonly #label: string;
  readonly #provider: Provider;

  constructor(session: ort.InferenceSession, tensor: typeof ort.Tensor, label: string, provider: Provider) {
    this.#session = session;
    this.#Tensor = tensor;
    this.#label = label;
    this.#provider = provider;
    this.inputs = session.inputMetadata.map(valueInfo);
    this.outputs = session.outputMetadata.map(valueInfo);
  }

  async run(feeds: Feeds, fetches?: readonly string[] | Feeds): Promise<Record<string, Tensor>> {
    const inputs = this.#toRuntime(feeds);
    const targets = fetches === undefined || isNames(fetches) ? fetches : this.#toRuntime(fetches);
    const start = performance.now();
    const results = await this.#answer(inputs, targets);
    this.runMs += performance.now() - start;
    return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, this.#fromRuntime(name, value)]));
  }

  endProfile(): void {
    this.#session.endProfiling();
  }

  async close(): Promise<void> {
    await this.#session.release();
  }

  async #answer(inputs: Record<string, ort.Tensor>, targets: readonly string[] | Record<string, ort.Tensor> | undefined): Promise<ort.InferenceSession.ReturnType> {
    try {
      return targets === undefined ? await this.#session.run(inputs) : await this.#session.run(inputs, targets);
    } catch (error) {
      throw this.#provider === defaultProvider ? error : providerRunFault(error as Error, this.#provider, this.#label);
    }
  }

  #toRuntime(tensors: Feeds): Record<string, ort.Tensor> {
    return Object.fromEntries(Object.entries(tensors).map(([name, { dtype, data, shape }]) =>
      [name, new this.#Tensor(dtype as 'float32', data as Float32Array, shape)]));
  }

  #fromRuntime(name: string, { type, dims, data }: ort.Tensor): Tensor {
    if (!Object.hasOwn(elementTypes, type)) {
      throw new InputError(phrase`output of type ${type} is not supported`, {
        file: this.#label, place: name, remedy: phrase`Export the model with outputs of a numeric type.`,
      });
    }
    // Where JavaScript has a Float16Array, ONNX Runtime answers with one; ours are bits.
    const elements = data as TensorData;
    const bits = type === 'float16' ? new Uint16Array(elements.buffer, elements.byteOffset, elements.length) : elements;
    return { dtype: type as DType, shape: dims, data: bits };
  }
}

/** Array.isArray does not narrow readonly arrays. */
function isNames(fetches: readonly string[] | Feeds): fetches is readonly string[] {
  return Array.isArray(fetches);
}

function valueInfo(metadata: ort.InferenceSession.ValueMetadata): ValueInfo {
  return metadata.isTensor
    ? { name: metadata.name, dtype: metadata.type, dims: metadata.shape }
    : { name: metadata.name, dtype: 'not a tensor', dims: [] };
}
