import { sampleOf } from '../diffusion/latentShape.ts';
import { constantTensor, smallTensor, textOf, wholeNumbers } from '../onnx/attributes.ts';
import type { GraphNode } from '../onnx/messages.ts';
import type { ModelIndex } from '../onnx/modelIndex.ts';
import { recentIndex } from '../onnx/recentIndex.ts';
import { sitesOf } from './readSites.ts';

/** Height and width of a feature map. */
export type Grid = readonly [height: number, width: number];

/**
 * The grids of a U-Net's sites as its graph tells them, by site in order of execution; those that it does not tell are missing.
 * @param latent grid of the latents. @throws InputError as `findSites`
 */
export async function readGrids(path: string, latent: Grid): Promise<Map<string, Grid>> {
  const index = await recentIndex(path);
  const grids = gridsOf(index, sampleOf(index)?.name ?? '', latent);
  return new Map((await sitesOf(index)).flatMap(({ name, residual }) => {
    const grid = grids.get(residual);
    return grid === undefined ? [] : [[name, grid] as const];
  }));
}

/** Operators whose result lies on the grid of any operand that has one: a block's residual leads from one convolution to the next. */
const keeping: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div', 'Concat', 'Cast', 'Identity', 'Sigmoid']);

/** Exporters put casts at the end of the file, so that one pass over the nodes is not always enough. */
const mostPasses = 3;

/** Factors and sizes of a resize are four numbers; of a tensor that is much longer nothing is read. */
const mostBytes = 256;

/**
 * The grids of a U-Net's feature maps, by value, from the strides of its convolutions and the factors by which it enlarges: exports seldom write them down, and to ask the network takes a whole step.
 * A value that cannot be told this way is missing; no shape is computed, only the grids along residuals.
 * @param sample name of the latents' input. @param grid of it. @throws Error when a node's bytes are not a message
 */
export function gridsOf({ nodes, weights }: ModelIndex, sample: string, grid: Grid): Map<string, Grid> {
  const grids = new Map([[sample, grid]]);
  const constants = new Map(nodes.filter(({ opType }) => opType === 'Constant' || opType === 'Cast').map((node) => [node.outputs[0], node]));
  const numbersOf = (value: string | undefined): readonly number[] | undefined => {
    const node = constants.get(value ?? '');
    const constant = node?.opType === 'Cast' ? node.inputs[0] : value; // in float16 models the factors are cast
    const tensor = weights.get(constant ?? '')?.data ?? constantTensor(constants.get(constant ?? ''));
    return tensor instanceof Uint8Array && tensor.length <= mostBytes ? smallTensor(tensor) : undefined;
  };
  const gridBehind = (node: GraphNode): Grid | undefined => {
    const [first, second, factors, size] = node.inputs;
    switch (node.opType) {
      case 'Conv': return convolved(node, grids.get(first), weights.get(second)?.dims);
      case 'Resize': return resized(grids.get(first), numbersOf(factors), numbersOf(size));
      default: return keeping.has(node.opType) ? node.inputs.map((input) => grids.get(input)).find((known) => known !== undefined) : undefined;
    }
  };
  for (let pass = 0, known = 0; pass < mostPasses && grids.size > known; pass++) {
    known = grids.size;
    for (const node of nodes) {
      const made = grids.has(node.outputs[0]) ? undefined : gridBehind(node);
      if (made?.every((length) => Number.isSafeInteger(length) && length > 0) === true) grids.set(node.outputs[0], made);
    }
  }
  return grids;
}

/** As ONNX defines `Conv` for two dimensions. @param kernel dimensions of the weight */
function convolved(node: GraphNode, grid: Grid | undefined, kernel: readonly number[] | undefined): Grid | undefined {
  if (grid === undefined || kernel?.length !== 4 || !['NOTSET', undefined].includes(textOf(node, 'auto_pad'))) return undefined;
  const [strides, dilations, pads] = [wholeNumbers(node, 'strides') ?? [1, 1], wholeNumbers(node, 'dilations') ?? [1, 1], wholeNumbers(node, 'pads') ?? [0, 0, 0, 0]];
  const side = (axis: 0 | 1): number => Math.floor((grid[axis] + pads[axis] + pads[axis + 2] - dilations[axis] * (kernel[axis + 2] - 1) - 1) / strides[axis]) + 1;
  return [side(0), side(1)];
}

/** By factors, or to a size, [batch, channels, height, width] each. */
function resized(grid: Grid | undefined, factors: readonly number[] | undefined, size: readonly number[] | undefined): Grid | undefined {
  if (size?.length === 4) return [size[2], size[3]];
  return grid === undefined || factors?.length !== 4 ? undefined : [Math.floor(grid[0] * factors[2]), Math.floor(grid[1] * factors[3])];
}
