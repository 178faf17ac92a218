import type { FileHandle } from 'node:fs/promises';
import { InputError } from '../base/errors.ts';
import { readRange, withFile } from '../base/fileBytes.ts';
import { widenBfloat16, widenFloat16 } from '../base/float16.ts';
import { phrase } from '../base/phrase.ts';
import { elementsOf, float32, sizeOf } from '../base/tensor.ts';
import type { Tensor } from '../base/tensor.ts';
import type { SiteEditor } from '../instrument/siteEdits.ts';
import type { WeightLocation } from '../instrument/siteEncoder.ts';
import type { SaeWeights } from './sae.ts';

/** All weights of an SAE, row-major and in float32. @throws InputError when one is not finite */
export async function readWeights({ file, d, n, wEnc, bEnc, wDec, bDec, wSkip, nonlinearity, biasScale = 1 }: Omit<SiteEditor, 'site' | 'k'>): Promise<SaeWeights> {
  return withFile(file, async (handle) => {
    const read = (location: WeightLocation, shape: readonly number[]) => readWeight(handle, file, location, shape);
    const bias = async (location: WeightLocation, length: number) => {
      const { data, shape } = await read(location, [length]);
      return float32(biasScale === 1 ? data : data.map((value) => value * biasScale), shape);
    };
    return {
      wEnc: await read(wEnc, [d, n]),
      bEnc: bEnc === undefined ? float32(new Float32Array(n), [n]) : await bias(bEnc, n),
      wDec: await read(wDec, [n, d]),
      bDec: await bias(bDec, d),
      ...(wSkip !== undefined && { wSkip: await read(wSkip, [d, d]) }),
      ...(nonlinearity?.kind === 'threshold' && {
        threshold: typeof nonlinearity.threshold === 'number' ? float32(new Float32Array(n).fill(nonlinearity.threshold * biasScale), [n]) : await bias(nonlinearity.threshold, n),
      }),
      ...(nonlinearity?.kind === 'gated' && {
        gate: {
          gateBias: await bias(nonlinearity.gateBias, n), magnitudeBias: await bias(nonlinearity.magnitudeBias, n), logScale: await read(nonlinearity.logScale, [n]),
        },
      }),
    };
  });
}

/** The most of a file that is in memory while it is checked: what stays in a processor's cache is read twice as fast as parts of 16 MiB. */
const chunkBytes = 2 ** 20;

/** Look at every number, a part at a time: weights that stay mapped need not lie in memory to be trusted. @throws InputError when one is not finite */
export async function checkWeights({ file, wEnc, bEnc, wDec, bDec, wSkip, nonlinearity }: Omit<SiteEditor, 'site' | 'k'>): Promise<void> {
  const threshold = nonlinearity?.kind === 'threshold' && typeof nonlinearity.threshold === 'object' ? nonlinearity.threshold : undefined;
  const gate = nonlinearity?.kind === 'gated' ? [nonlinearity.gateBias, nonlinearity.magnitudeBias, nonlinearity.logScale] : [];
  await withFile(file, async (handle) => {
    for (const location of [wEnc, bEnc, wDec, bDec, wSkip, threshold, ...gate]) {
      if (location?.strides !== undefined) await readWeight(handle, file, location, [...location.shape]);
      else if (location !== undefined) await checkWeight(handle, file, location);
    }
  });
}

async function checkWeight(handle: FileHandle, file: string, { name = '', dtype, shape, offset, length }: WeightLocation): Promise<void> {
  const width = length / sizeOf(shape);
  for (let from = 0; from < length; from += chunkBytes) {
    refuseNotFinite(widened(dtype, await readRange(handle, offset + from, Math.min(chunkBytes, length - from), file)), file, name, from / width);
  }
}

/** @param first number of the first of them, as the error counts */
function refuseNotFinite(values: Float32Array, file: string, name: string, first = 0): void {
  const bad = firstNotFinite(values);
  if (bad < 0) return;
  throw new InputError(phrase`element ${first + bad} is ${values[bad]}`, {
    file, place: name, remedy: phrase`The SAE is damaged or its training diverged: download it again, or train with a lower learning rate.`,
  });
}

async function readWeight(handle: FileHandle, file: string, { name = '', dtype, shape, offset, length, transposed = false, strides }: WeightLocation, wanted: readonly number[]): Promise<Tensor<Float32Array>> {
  const stored = widened(dtype, await readRange(handle, offset, length, file));
  if (strides === undefined) refuseNotFinite(stored, file, name);
  const [rows, columns = 1] = shape;
  const [down, across = 1] = strides ?? [columns, 1];
  if (!transposed && strides === undefined) return float32(stored, wanted);
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) values[transposed ? column * rows + row : row * columns + column] = stored[row * down + column * across];
  }
  if (strides !== undefined) refuseNotFinite(values, file, name); // what lies between them is not theirs
  return float32(values, wanted);
}

/** Index of the first element that is NaN or infinite, -1 where there is none. A plain loop: `findIndex` takes ten times as long, a third of a second for three SAEs of Stable Diffusion. */
function firstNotFinite(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) if (values[i] - values[i] !== 0) return i;
  return -1;
}

function widened(dtype: string, bytes: Uint8Array): Float32Array {
  switch (dtype) {
    case 'F64': return new Float32Array(elementsOf('float64', bytes) as Float64Array);
    case 'F16': return widenFloat16(elementsOf('uint16', bytes) as Uint16Array);
    case 'BF16': return widenBfloat16(elementsOf('uint16', bytes) as Uint16Array);
    default: return elementsOf('float32', bytes) as Float32Array;
  }
}
