import { InputError } from '../base/errors.ts';
import type { TensorLocation } from '../base/safetensors.ts';
import { elementTypes } from '../onnx/elementType.ts';
import { GraphBuilder } from '../onnx/graphBuilder.ts';
import { originalName } from '../onnx/skeleton.ts';
import type { Splice } from '../onnx/skeleton.ts';
import type { Branch, BranchRows } from './branchRows.ts';
import type { SiteEncoder } from './siteEncoder.ts';
import type { Site } from './sites.ts';

/** What is wanted of one site. */
export interface SiteRequest {
  readonly site: Site;
  /** Give Δ itself: `delta/<site>` [rows, channels, height, width]. */
  readonly tap: boolean;
  /** Give its concepts: `sae/<site>/indices` and `/values`, each [rows, cells, k]. */
  readonly encoder?: SiteEncoder | undefined;
  /** Put zero, or this SAE's reconstruction, in place of Δ. */
  readonly replacement?: 'zero' | SiteEncoder | undefined;
}

/** Element types of weights in safetensors files that ONNX knows as well: BF16 is `TensorProto.BFLOAT16`. */
const weightTypes = new Map([['F32', elementTypes.float32], ['F16', elementTypes.float16], ['BF16', 16]]);

/** The graph that reads Δ of one site. It computes in float32, whatever the model does. */
export class SiteFragment {
  readonly #graph: GraphBuilder;
  readonly #request: SiteRequest;
  readonly #branch: Branch;
  readonly #rows: BranchRows;
  /** How the session finds a file with weights. */
  readonly #locate: (file: string) => string;

  constructor(request: SiteRequest, branch: Branch, rows: BranchRows, locate: (file: string) => string) {
    this.#graph = new GraphBuilder({ prefix: `dmi/${request.site.name}/` });
    this.#request = request;
    this.#branch = branch;
    this.#rows = rows;
    this.#locate = locate;
  }

  build(): Splice {
    const { site: { name, delta, dtype, channels }, tap, encoder, replacement } = this.#request;
    const graph = this.#graph;
    const replaces = replacement !== undefined;
    const whole = this.#asFloat32(replaces ? originalName(delta) : delta);
    const update = this.#branch === 'both' ? whole : this.#slice(whole, this.#rows.first, this.#rows.end); // [rows, C, H, W]
    if (tap) {
      graph.node('Identity', [update], {}, `delta/${name}`);
      graph.output(`delta/${name}`, 'float32', ['rows', channels, `${name}/height`, `${name}/width`]);
    }
    if (encoder !== undefined) {
      this.#concepts(encoder, update);
    }
    if (replacement !== undefined) {
      const made = replacement === 'zero' ? graph.node('Sub', [update, update]) : this.#reconstruct(replacement, update);
      const batch = this.#withOtherRows(whole, made);
      graph.node('Cast', [batch], { to: elementTypes[dtype] }, delta);
    }
    return { after: delta, fragment: graph.takeFields(), replaces };
  }

  /** The indices and values of a trace, as outputs. */
  #concepts(encoder: SiteEncoder, update: string): void {
    const { site, k } = encoder;
    const { indices, values } = this.#encode(encoder, this.#cells(this.#channelsFirst(update), encoder.d), 'trace');
    const shape = this.#graph.node('Concat', [this.#rows.count, this.#int64(-1n), this.#int64(BigInt(k))], { axis: 0 });
    for (const [kind, dtype, flat] of [['indices', 'int64', indices], ['values', 'float32', values]] as const) {
      this.#graph.node('Reshape', [flat, shape], {}, `sae/${site}/${kind}`);
      this.#graph.output(`sae/${site}/${kind}`, dtype, ['rows', `${site}/cells`, k]);
    }
  }

  /** Swap rows and channels: [rows, d, H, W] -> [d, rows, H, W], or back; with one row nothing moves in memory. */
  #channelsFirst(value: string): string {
    return this.#graph.node('Transpose', [value], { perm: [1, 0, 2, 3] });
  }

  /** [d, rows, H, W] -> [d, cells] */
  #cells(value: string, d: number): string {
    return this.#graph.node('Reshape', [value, this.#int64(BigInt(d), -1n)]);
  }

  /**
   * z = TopK(ReLU((x − b_dec) W_enc + b_enc)). ReLU after TopK leaves the same, at k values a cell; the biases become one, which
   * ONNX Runtime folds when it loads the model; the Gemm reads x in the layout it has.
   * @param x [d, cells] @param use sets names apart @returns indices and values [cells, k], by descending value; scores [cells, n]
   */
  #encode({ file, wEnc, bEnc, bDec, d, n, k, subtractBias }: SiteEncoder, x: string, use: string): Record<'indices' | 'values' | 'scores', string> {
    const graph = this.#graph;
    const weight = this.#weight(file, wEnc, [d, n]);
    const terms = bEnc === undefined ? [] : [this.#weight(file, bEnc, [n])];
    const shift = subtractBias ? graph.node('MatMul', [this.#weight(file, bDec, [d]), weight]) : undefined;
    const bias = shift === undefined ? terms : [terms.length === 0 ? graph.node('Neg', [shift]) : graph.node('Sub', [terms[0], shift])];
    const scores = graph.node('Gemm', [x, weight, ...bias], { transA: 1 }); // [cells, n]
    const [best, indices] = ['best', 'indices'].map(name => `dmi/${this.#request.site.name}/${use}/${name}`);
    graph.nodes('TopK', [scores, this.#int64(BigInt(k))], [best, indices], { axis: -1 });
    return { indices, values: graph.node('Relu', [best]), scores };
  }

  /** x̂ = z W_dec + b_dec, in the layout of Δ. @param update [rows, d, H, W] */
  #reconstruct(encoder: SiteEncoder, update: string): string {
    const graph = this.#graph;
    const { file, wDec, bDec, d, n } = encoder;
    if (wDec === undefined) {
      throw new RangeError('a reconstruction needs W_dec');
    }
    const moved = this.#channelsFirst(update);
    const { indices, values, scores } = this.#encode(encoder, this.#cells(moved, d), 'replacement');
    const zeros = graph.node('ConstantOfShape', [graph.node('Shape', [scores])]);
    const z = graph.node('ScatterElements', [zeros, indices, values], { axis: 1 }); // [cells, n]
    const flat = graph.node('Gemm', [z, this.#weight(file, wDec, [n, d]), this.#weight(file, bDec, [d])]); // [cells, d]
    const back = graph.node('Reshape', [graph.node('Transpose', [flat], { perm: [1, 0] }), graph.node('Shape', [moved])]);
    return this.#channelsFirst(back);
  }

  /** The branch's new rows among the others as they were. */
  #withOtherRows(whole: string, made: string): string {
    const none = this.#int64(0n);
    switch (this.#branch) {
      case 'cond': return this.#graph.node('Concat', [this.#slice(whole, none, this.#rows.first), made], { axis: 0 });
      case 'uncond': return this.#graph.node('Concat', [made, this.#slice(whole, this.#rows.end, this.#int64(2n ** 31n))], { axis: 0 });
      case 'both': return made;
    }
  }

  #slice(value: string, first: string, end: string): string {
    return this.#graph.node('Slice', [value, first, end, this.#int64(0n)]);
  }

  #asFloat32(value: string): string {
    return this.#request.site.dtype === 'float32' ? value : this.#graph.node('Cast', [value], { to: elementTypes.float32 });
  }

  #weight(file: string, { dtype, shape, offset, length }: TensorLocation, wanted: readonly number[]): string {
    const elementType = weightTypes.get(dtype);
    if (elementType === undefined || shape.join() !== wanted.join()) {
      throw new InputError(`a weight of the SAE is ${dtype} [${shape.join(', ')}], expected F32 [${wanted.join(', ')}]`, {
        file, place: `byte ${offset}`, remedy: 'Use an SAE that was made for this site, saved in float32.',
      });
    }
    const weight = this.#graph.external(elementType, shape, this.#locate(file), offset, length);
    return elementType === elementTypes.float32 ? weight : this.#graph.node('Cast', [weight], { to: elementTypes.float32 });
  }

  #int64(...values: bigint[]): string {
    return this.#graph.constant({ dtype: 'int64', shape: [values.length], data: BigInt64Array.from(values) });
  }
}
