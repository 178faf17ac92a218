import { elementTypes } from '../onnx/elementType.ts';
import { GraphBuilder } from '../onnx/graphBuilder.ts';
import { originalName } from '../onnx/skeleton.ts';
import type { Splice } from '../onnx/skeleton.ts';
import type { Branch, BranchRows } from './branchRows.ts';
import { editGraph } from './editGraph.ts';
import { SaeGraph } from './saeGraph.ts';
import type { Codes } from './saeGraph.ts';
import type { SiteEditor } from './siteEdits.ts';
import type { Activation, SiteEncoder } from './siteEncoder.ts';
import type { Site } from './sites.ts';

/** What is wanted of one activation of a site; X is that activation, its update Δ or another. */
export interface SiteRequest {
  readonly site: Site;
  readonly activation: Activation;
  /** Give X itself: `delta/<site>`, `output/<site>` or `input/<site>` [rows, channels, height, width]. */
  readonly tap: boolean;
  /** Give its concepts: `sae/<site>/indices` and `/values`, each [rows, cells, k]. */
  readonly encoder?: SiteEncoder | undefined;
  /** Put zero, or this SAE's reconstruction, in place of X. */
  readonly replacement?: 'zero' | SiteEncoder | undefined;
  /** Let X be edited along this SAE's concepts, and give X before and after on those rows: `delta/<site>` and `edited/<site>`, whichever activation it is. */
  readonly editor?: SiteEditor | undefined;
}

/** Name of an activation's value in the model, and of the output that tells it. */
export function valueOf({ delta, output, residual }: Site, activation: Activation): string {
  return { update: delta, output, input: residual }[activation];
}

const tapNames: Readonly<Record<Activation, string>> = { update: 'delta', output: 'output', input: 'input' };

/** Name of the output that tells an activation of a site. */
export function tapName(site: string, activation: Activation = 'update'): string {
  return `${tapNames[activation]}/${site}`;
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

/** The graph that reads an activation of one site. It computes in float32, whatever the model does. */
export class SiteFragment {
  readonly #graph: GraphBuilder;
  readonly #request: SiteRequest;
  readonly #context: FragmentContext;
  readonly #saes = new Map<string, SaeGraph>();

  constructor(request: SiteRequest, context: FragmentContext) {
    const { site: { name }, activation } = request;
    this.#graph = new GraphBuilder({ prefix: `dmi/${name}/${activation === 'update' ? '' : `${activation}/`}` });
    this.#request = request;
    this.#context = context;
  }

  build(): Splice {
    const { site, activation, tap, encoder, replacement, editor } = this.#request;
    const { name, dtype } = site;
    const graph = this.#graph;
    const value = valueOf(site, activation);
    const replaces = replacement !== undefined || editor !== undefined;
    const source = replaces ? originalName(value) : value;
    const whole = this.#asFloat32(source);
    const update = this.#ofBranch(whole); // [rows, C, H, W]
    if (tap) this.#output(tapName(name, activation), update);
    if (editor !== undefined && !(tap && activation === 'update')) this.#output(tapName(name), update);
    const traced = encoder === undefined ? undefined : this.#concepts(encoder, update);
    if (editor !== undefined) {
      const sae = this.#sae(editor);
      editGraph(graph, { site: name, delta: source, dtype, sae, traced: encoder?.file === editor.file && encoder.k === editor.k ? traced : undefined, opset: this.#context.opset }, value);
      this.#output(`edited/${name}`, this.#ofBranch(this.#asFloat32(value)));
    } else if (replacement !== undefined) {
      const made = replacement === 'zero' ? graph.node('Sub', [update, update]) : this.#reconstruct(this.#sae(replacement), update);
      const batch = this.#withOtherRows(whole, made);
      graph.node('Cast', [batch], { to: elementTypes[dtype] }, value);
    }
    return { after: value, fragment: graph.takeFields(), replaces };
  }

  #output(output: string, update: string): void {
    const { name, channels } = this.#request.site;
    this.#graph.node('Identity', [update], {}, output);
    this.#graph.output(output, 'float32', ['rows', channels, `${name}/height`, `${name}/width`]);
  }

  /** The indices and values of a trace, as outputs. */
  #concepts(encoder: SiteEncoder, update: string): Codes {
    const { site, k, d } = encoder;
    const sae = this.#sae(encoder);
    const { x } = sae.treat(this.#graph, update, 1);
    const codes = sae.encode(this.#graph, this.#cells(this.#channelsFirst(x), d), 'trace');
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

  /** x̂, in the layout of the activation. @param update [rows, d, H, W] */
  #reconstruct(sae: SaeGraph, update: string): string {
    const graph = this.#graph;
    const { x, scale, shift } = sae.treat(graph, update, 1);
    const moved = this.#channelsFirst(x);
    const { indices, values, latents, scores } = sae.encode(graph, this.#cells(moved, sae.sae.d), 'replacement');
    const zeros = (): string => graph.node('ConstantOfShape', [graph.node('Shape', [scores])]);
    const z = latents ?? graph.node('ScatterElements', [zeros(), indices, values], { axis: 1 }); // [cells, n]
    const decoded = sae.decode(graph, z); // [cells, d]
    const flat = sae.sae.wSkip === undefined ? decoded : graph.node('Add', [decoded, sae.skip(graph, sae.sae.wSkip, this.#cells(this.#channelsFirst(update), sae.sae.d))]);
    const treated = this.#channelsFirst(graph.node('Reshape', [graph.node('Transpose', [flat], { perm: [1, 0] }), graph.node('Shape', [moved])]));
    const scaled = scale === undefined ? treated : graph.node('Mul', [treated, scale]);
    return shift === undefined ? scaled : graph.node('Add', [scaled, shift]);
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
    const known = this.#saes.get(sae.file) ?? new SaeGraph(this.#graph, sae, this.#context.locate, this.#context.opset);
    this.#saes.set(sae.file, known);
    return known;
  }
}
