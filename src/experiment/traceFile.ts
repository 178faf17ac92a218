import { setImmediate } from 'node:timers/promises';
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { checkShape } from '../base/checkShape.ts';
import { InputError } from '../base/errors.ts';
import { phrase, type Phrase } from '../base/phrase.ts';
import { readFileBytes } from '../base/fileBytes.ts';
import { encodeSafetensors, parseSafetensors } from '../base/safetensors.ts';
import type { Tensor } from '../base/tensor.ts';
import type { Branch, SiteTrace } from '../concepts/siteTrace.ts';

/** Everything recorded about concepts in one run. */
export interface RunTrace {
  /** Recorded steps, ascending. */
  readonly steps: readonly number[];
  /** [steps]: the scheduler's timestep of each recorded step; t = timestep / trainTimesteps, see `timeOf`. */
  readonly timesteps: Float32Array;
  /** One per site and branch, all over the same steps. */
  readonly sites: readonly SiteTrace[];
}

const Shapes = Type.Array(Type.Object({
  site: Type.String(),
  branch: Type.Union([Type.Literal('cond'), Type.Literal('uncond')]),
  height: Type.Integer({ minimum: 1 }), width: Type.Integer({ minimum: 1 }),
  d: Type.Integer({ minimum: 1 }), n: Type.Integer({ minimum: 1 }), k: Type.Integer({ minimum: 1 }),
}));

/** The tensors of one site and branch bear these names, here and in Python. */
export const nameOf = (site: string, branch: Branch, kind: 'indices' | 'values'): string => `${site}/${branch}/${kind}`;

/**
 * The bytes of `trace.safetensors`: `steps` [S] int32, `timesteps` [S] float32, and per site and branch `<site>/<branch>/indices`
 * [S, cells, k] int32 and `.../values` [S, cells, k] float32, cells row-major. Metadata: `sites`, a JSON list of shapes (a cell is
 * row * width + column), and what the caller adds.
 */
export function encodeTrace(trace: RunTrace, metadata: Readonly<Record<string, string>>): Uint8Array {
  const { steps } = trace;
  const tensors = new Map<string, Tensor>([
    ['steps', { dtype: 'int32', shape: [steps.length], data: Int32Array.from(steps) }],
    ['timesteps', { dtype: 'float32', shape: [steps.length], data: trace.timesteps }],
  ]);
  const shapes: Static<typeof Shapes> = [];
  for (const { site, branch, height, width, d, n, k, indices, values } of trace.sites) {
    const shape = [steps.length, height * width, k];
    tensors.set(nameOf(site, branch, 'indices'), { dtype: 'int32', shape, data: indices });
    tensors.set(nameOf(site, branch, 'values'), { dtype: 'float32', shape, data: values });
    shapes.push({ site, branch, height, width, d, n, k });
  }
  return encodeSafetensors(tensors, { format: 'dmi-trace 1', sites: JSON.stringify(shapes), ...metadata });
}

/** As many as a spec may ask for. */
const mostSteps = 1000;

/** Codes are checked this many at a time, a few milliseconds; the process is free in between. */
const checkedAtOnce = 2 ** 19;

/** Read a `trace.safetensors` of at most `maxBytes`. @throws InputError when it is damaged or not a trace, or longer */
export async function readTrace(path: string, maxBytes = Infinity): Promise<RunTrace> {
  const { tensors, metadata } = parseSafetensors(await readFileBytes(path, maxBytes), path);
  const tensor = <D extends Int32Array | Float32Array>(name: string, kind: { new (): D; name: string }, length?: number): D => {
    const data = tensors.get(name)?.data;
    if (data instanceof kind && data.length === (length ?? data.length)) return data;
    throw damaged(phrase`is missing or has the wrong type or size`, path, name);
  };
  const stored = tensor('steps', Int32Array);
  if (stored.length > mostSteps) throw damaged(phrase`holds ${stored.length} steps`, path, 'steps');
  const steps = [...stored];
  const sites: SiteTrace[] = [];
  for (const shape of readShapes(metadata, path)) {
    const { site, branch, height, width, n, k } = shape;
    const [idsName, valuesName] = [nameOf(site, branch, 'indices'), nameOf(site, branch, 'values')];
    const length = steps.length * height * width * k;
    const indices = tensor(idsName, Int32Array, length);
    const values = tensor(valuesName, Float32Array, length);
    for (let from = 0; from < length; from += checkedAtOnce) {
      if (from > 0) await setImmediate();
      const to = Math.min(length, from + checkedAtOnce);
      for (let code = from; code < to; code++) {
        if (indices[code] < 0 || indices[code] >= n) throw damaged(phrase`holds a concept beyond ${n - 1}`, path, idsName);
        if (!Number.isFinite(values[code])) throw damaged(phrase`holds NaN or infinity`, path, valuesName);
      }
    }
    sites.push({ ...shape, steps, indices, values });
  }
  return { steps, timesteps: tensor('timesteps', Float32Array, steps.length), sites };
}

/** Shapes of the sites of a trace, from its metadata. @throws InputError when they are malformed */
export function readShapes(metadata: Readonly<Record<string, string>>, path: string): Static<typeof Shapes> {
  let shapes: unknown;
  try {
    shapes = JSON.parse(metadata.sites) as unknown;
  } catch {
    throw damaged(phrase`is not JSON`, path, 'metadata "sites"');
  }
  return checkShape(Shapes, shapes, path, remedy);
}

const remedy = phrase`Delete this run folder; the next run computes it again.`;

/** Says what is wrong with a trace. */
export function damaged(message: Phrase, file: string, place: string): InputError {
  return new InputError(message, { file, place, remedy });
}
