import { elementTypes } from '../onnx/elementType.ts';
import { GraphBuilder } from '../onnx/graphBuilder.ts';
import { originalName } from '../onnx/skeleton.ts';
import type { Splice } from '../onnx/skeleton.ts';
import type { Branch, BranchRows } from './branchRows.ts';
import { editGraph } from './editGraph.ts';
import { SaeGraph } from './saeGraph.ts';
import type { Codes } from './saeGraph.ts';
import type { SiteEditor } from './siteEdits.ts';
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
  /** Let Δ be edited along this SAE's concepts, and give Δ and Δ' on those rows: `delta/<site>` and `edited/<site>`. */
  readonly editor?: SiteEditor | undefined;
}

/** What the fragments of all sites share. */
export interface FragmentContext {
  readonly branch: Branch;
  readonly rows: BranchRows;
  /** How the session finds a file with weights. */
  readonly locate: (file: string) => string;
  /** Version of the model's operators. */
  readonly opset: number;
}

/** The graph that reads Δ of one site. It computes in float32, whatever the model does. */
export class SiteFragment {
  readonly #graph: GraphBuilder;
  readonly #request: SiteRequest;
  readonly #context: FragmentContext;
  readonly #saes = new Map<string, SaeGraph>();

  constructor(request: SiteRequest, context: FragmentContext) {
    this.#graph = new GraphBuilder({ prefix: `dmi/${request.site.name}/` });
    this.#request = request;
    this.#context = context;
  }

  build(): Splice {
    const { site: { name, delta, dtype }, tap, encoder, replacement, editor } = this.#request;
    const graph = this.#graph;
    const replaces = replacement !== undefined || editor !== undefined;
    const source = replaces ? originalName(delta) : delta;
    const whole = this.#asFloat32(source);
    const update = this.#ofBranch(whole); // [rows, C, H, W]
    if (tap || editor !== undefined) {
      this.#output(`delta/${name}`, update);
    }
    const traced = encoder === undefined ? undefined : this.#concepts(encoder, update);
    if (editor !== undefined) {
      const sae = this.#sae(editor);
      editGraph(graph, { site: name, delta: source, dtype, sae, traced: encoder?.file === editor.file && encoder.k === editor.k ? traced : undefined, opset: this.#context.opset }, delta);
      this.#output(`edited/${name}`, this.#ofBranch(this.#asFloat32(delta)));
    } else if (replacement !== undefined) {
      const made = replacement === 'zero' ? graph.node('Sub', [update, update]) : this.#reconstruct(this.#sae(replacement), update);
      const batch = this.#withOtherRows(whole, made);
      graph.node('Cast', [batch], { to: elementTypes[dtype] }, delta);
    }
    return { after: delta, fragment: graph.takeFields(), replaces };
  }

  #output(output: string, update: string): void {
    const { name, channels } = this.#request.site;
    this.#graph.node('Identity', [update], {}, output);
    this.#graph.output(output, 'float32', ['rows', channels, `${name}/height`, `${name}/width`]);
  }

  /** The indices and values of a trace, as outputs. */
  #concepts(encoder: SiteEncoder, update: string): Codes {
    const { site, k, d } = encoder;
    const codes = this.#sae(encoder).encode(this.#graph, this.#cells(this.#channelsFirst(update), d), 'trace');
    const shape = this.#graph.node('Concat', [this.#context.rows.count, this.#graph.int64(-1), this.#graph.int64(k)], { axis: 0 });
    for (const [kind, dtype] of [['indices', 'int64'], ['values', 'float32']] as const) {
      this.#graph.node('Reshape', [codes[kind], shape], {}, `sae/${site}/${kind}`);
      this.#graph.output(`sae/${site}/${kind}`, dtype, ['rows', `${site}/cells`, k]);
    }
    return codes;
  }

  /** Swap rows and channels: [rows, d, H, W] -> [d, rows, H, W], or back; with one row nothing moves in memory. */
  #channelsFirst(value: string): string {
    return this.#graph.node('Transpose', [value], { perm: [1, 0, 2, 3] });
  }

  /** [d, rows, H, W] -> [d, cells] */
  #cells(value: string, d: number): string {
    return this.#graph.node('Reshape', [value, this.#graph.int64(d, -1)]);
  }

  /** x̂ = z W_dec + b_dec, in the layout of Δ. @param update [rows, d, H, W] */
  #reconstruct(sae: SaeGraph, update: string): string {
    const graph = this.#graph;
    const moved = this.#channelsFirst(update);
    const { indices, values, scores } = sae.encode(graph, this.#cells(moved, sae.sae.d), 'replacement');
    const zeros = graph.node('ConstantOfShape', [graph.node('Shape', [scores])]);
    const z = graph.node('ScatterElements', [zeros, indices, values], { axis: 1 }); // [cells, n]
    const flat = graph.node('Gemm', [z, sae.directions, sae.offset]); // [cells, d]
    const back = graph.node('Reshape', [graph.node('Transpose', [flat], { perm: [1, 0] }), graph.node('Shape', [moved])]);
    return this.#channelsFirst(back);
  }

  /** The branch's new rows among the others as they were. */
  #withOtherRows(whole: string, made: string): string {
    const { branch, rows } = this.#context;
    const none = this.#graph.int64(0);
    switch (branch) {
      case 'cond': return this.#graph.node('Concat', [this.#slice(whole, none, rows.first), made], { axis: 0 });
      case 'uncond': return this.#graph.node('Concat', [made, this.#slice(whole, rows.end, this.#graph.int64(2 ** 31))], { axis: 0 });
      case 'both': return made;
    }
  }

  #ofBranch(whole: string): string {
    const { branch, rows } = this.#context;
    return branch === 'both' ? whole : this.#slice(whole, rows.first, rows.end);
  }

  #slice(value: string, first: string, end: string): string {
    return this.#graph.node('Slice', [value, first, end, this.#graph.int64(0)]);
  }

  #asFloat32(value: string): string {
    return this.#request.site.dtype === 'float32' ? value : this.#graph.node('Cast', [value], { to: elementTypes.float32 });
  }

  /** One graph for each file of weights, so that no weight is declared twice. */
  #sae(sae: SiteEncoder): SaeGraph {
    const known = this.#saes.get(sae.file) ?? new SaeGraph(this.#graph, sae, this.#context.locate);
    this.#saes.set(sae.file, known);
    return known;
  }
}
