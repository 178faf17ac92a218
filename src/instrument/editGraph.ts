import type { DType } from '../base/tensor.ts';
import { elementTypes } from '../onnx/elementType.ts';
import type { GraphBuilder } from '../onnx/graphBuilder.ts';
import { editInputs, rules, switches } from './editFeeds.ts';
import type { Codes, SaeGraph } from './saeGraph.ts';

/** The least length that is divided by. */
const tiny = 1e-30;

/** Name of a site's input. */
export function editInput(site: string, input: keyof typeof editInputs): string {
  return `edit/${site}/${input}`;
}

/** What an editing graph reads beside its inputs. */
interface EditSource {
  readonly site: string;
  /** The activation of the whole batch that the SAE reads, Δ or another, as the network makes it, of the network's type. */
  readonly delta: string;
  readonly dtype: DType;
  readonly sae: SaeGraph;
  /** Codes that the trace has by the same SAE. */
  readonly traced: Codes | undefined;
  /** Of the model; some operators changed their form. */
  readonly opset: number;
}

/**
 * Δ' = Δ + Σ_slots (gain · z + bias · u) · f on the edited rows; where nothing is edited, Δ itself and no work.
 * @param output name of Δ', of the network's type
 */
export function editGraph(graph: GraphBuilder, source: EditSource, output: string): void {
  for (const [name, [dtype, dims]] of Object.entries(editInputs)) {
    graph.input(editInput(source.site, name as keyof typeof editInputs), dtype, dims.map(dim => typeof dim === 'number' ? dim : `${source.site}/${dim}`));
  }
  graph.choose(editInput(source.site, 'active'), [source.dtype], {
    then: inner => [new EditedUpdate(inner, source).build()],
    else: inner => [inner.node('Identity', [source.delta])],
  }, [output]);
}

/** The branch in which rows are edited: r rows, s slots, p cells, d channels. */
class EditedUpdate {
  readonly #graph: GraphBuilder;
  readonly #source: EditSource;

  constructor(graph: GraphBuilder, source: EditSource) {
    this.#graph = graph;
    this.#source = source;
  }

  build(): string {
    const graph = this.#graph;
    const { delta, dtype } = this.#source;
    const [before, rows, after] = ['before', 'rows', 'after'].map(name => graph.named(name));
    graph.nodes('Split', [delta, this.#input('rows')], [before, rows, after], { axis: 0 });
    const update = this.#cast(rows, 'float32'); // [r, d, H, W]
    const { x, scale } = this.#source.sae.treat(graph, update, 1);
    const added = graph.node('Reshape', [this.#added(x), graph.node('Shape', [update])]); // [r, d, H, W]
    const edited = graph.node('Add', [update, scale === undefined ? added : graph.node('Mul', [added, scale])]);
    return graph.node('Concat', [before, this.#cast(edited, dtype), after], { axis: 0 });
  }

  /** Σ_slots coefficient · f [r, d, p]; along other concepts, with the length it would have had along the concepts read. @param x the activation as the SAE wants it */
  #added(x: string): string {
    const graph = this.#graph;
    const on = new Map(switches.map(name => [name, graph.named(name)] as const));
    const switched = (name: (typeof switches)[number]): string => on.get(name) ?? '';
    graph.nodes('Split', [this.#input('switches'), graph.int64(...switches.map(() => 1))], [...on.values()], { axis: 0 });
    const half = (input: 'concepts' | 'amounts', index: number): string =>
      graph.node('Gather', [this.#input(input), graph.constant({ dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(index)) })], { axis: 0 });
    const [reads, writes, gain, bias] = [half('concepts', 0), half('concepts', 1), half('amounts', 0), half('amounts', 1)];
    const [coefficients] = graph.choose(switched('reads'), ['float32'], {
      then: inner => [new Coefficients(inner, this.#source, { x, reads, gain, bias, switched }).build()],
      else: inner => [inner.node('Identity', [bias])],
    });
    const along = (inner: GraphBuilder, concepts: string): string => inner.node('MatMul', [this.#source.sae.directionsOf(inner, concepts), coefficients]);
    const added = along(graph, writes);
    const [kept] = graph.choose(switched('rewrites'), ['float32'], {
      then: inner => {
        const length = (value: string): string => reduce(inner, this.#source.opset, 'ReduceL2', value, 1);
        const meant = length(along(inner, reads));
        return [inner.node('Mul', [added, inner.node('Div', [meant, inner.node('Max', [length(added), inner.scalar(tiny)])])])];
      },
      else: inner => [inner.node('Identity', [added])],
    });
    return kept;
  }

  #input(name: keyof typeof editInputs): string {
    return editInput(this.#source.site, name);
  }

  #cast(value: string, to: DType): string {
    return this.#source.dtype === 'float32' ? value : this.#graph.node('Cast', [value], { to: elementTypes[to] });
  }
}

/** Names of what coefficients are made from: the activation of the edited rows as the SAE wants it [r, d, H, W], concepts [r, s], gain and bias [r, s, p]. */
interface Terms {
  readonly x: string;
  readonly reads: string;
  readonly gain: string;
  readonly bias: string;
  readonly switched: (name: (typeof switches)[number]) => string;
}

/** Coefficients [r, s, p] that depend on activations. */
class Coefficients {
  readonly #graph: GraphBuilder;
  readonly #source: EditSource;
  readonly #terms: Terms;

  constructor(graph: GraphBuilder, source: EditSource, terms: Terms) {
    this.#graph = graph;
    this.#source = source;
    this.#terms = terms;
  }

  build(): string {
    const graph = this.#graph;
    const { gain, switched } = this.#terms;
    const { z, values } = (this.#source.sae.sae.nonlinearity?.kind ?? 'topk') === 'topk' ? this.#fewActive() : this.#allLatents();
    const read = graph.node('Mul', [gain, z]);
    const [coefficients] = graph.choose(switched('finds'), ['float32'], {
      then: inner => [this.#inFoundRegions(inner, z, inner.node('Add', [read, this.#scaledBias(inner, values)]))],
      else: inner => inner.choose(switched('scaled'), ['float32'], {
        then: deeper => [deeper.node('Add', [read, this.#scaledBias(deeper, values)])],
        else: deeper => [deeper.node('Add', [read, this.#terms.bias])],
      }),
    });
    return coefficients;
  }

  /** Activations of the concepts read [r, s, p], and all that are active [r, 1, p, k], of which at most one belongs to a concept. */
  #fewActive(): Record<'z' | 'values', string> {
    const graph = this.#graph;
    const { indices, values } = this.#codes();
    const active = graph.node('Equal', [indices, graph.node('Unsqueeze', [this.#terms.reads, graph.int64(2, 3)])]); // [r, s, p, k]
    return { z: graph.node('MatMul', [graph.node('Where', [active, values, graph.scalar(0)]), this.#ones()]), values };
  }

  /** The same [r, s, p] and [r, 1, p, n], where a trace need not hold all that are active. */
  #allLatents(): Record<'z' | 'values', string> {
    const graph = this.#graph;
    const { sae, traced } = this.#source;
    const { latents: ofTrace } = traced ?? {};
    const [latents] = ofTrace === undefined ? [this.#encoded(graph).latents ?? ''] : graph.choose(this.#terms.switched('traced'), ['float32'], {
      then: inner => [inner.node('Identity', [ofTrace])],
      else: inner => [inner.node('Identity', [this.#encoded(inner).latents ?? ''])],
    });
    const length = this.#lengths();
    const [rows, cells] = [length(0), length(2)];
    const values = graph.node('Reshape', [latents, graph.node('Concat', [rows, graph.int64(1), cells, graph.int64(sae.sae.n)], { axis: 0 })]);
    const places = graph.node('Expand', [graph.node('Unsqueeze', [this.#terms.reads, graph.int64(1, 2)]), graph.node('Concat', [rows, graph.int64(1), cells, length(1)], { axis: 0 })]);
    const read = graph.node('GatherElements', [values, places], { axis: 3 }); // [r, 1, p, s]
    const z = graph.node('Squeeze', [graph.node('Transpose', [read], { perm: [0, 3, 2, 1] }), graph.int64(3)]);
    return { z, values };
  }

  /** Numbers r, s and p by axis, each int64 [1]. */
  #lengths(): (axis: number) => string {
    const shape = this.#graph.node('Shape', [this.#terms.bias]);
    return axis => this.#graph.node('Gather', [shape, this.#graph.int64(axis)]);
  }

  /** Indices and values of the edited rows, each [r, 1, p, k]. */
  #codes(): Record<'indices' | 'values', string> {
    const { sae, traced } = this.#source;
    const encoded = (graph: GraphBuilder): readonly string[] => {
      const codes = this.#encoded(graph);
      return [codes.indices, codes.values];
    };
    const [indices, values] = traced === undefined ? encoded(this.#graph) : this.#graph.choose(this.#terms.switched('traced'), ['int64', 'float32'], {
      then: inner => [inner.node('Identity', [traced.indices]), inner.node('Identity', [traced.values])],
      else: inner => encoded(inner),
    });
    const length = this.#lengths();
    const wanted = this.#graph.node('Concat', [length(0), this.#graph.int64(1), length(2), this.#graph.int64(sae.sae.k)], { axis: 0 });
    return { indices: this.#graph.node('Reshape', [indices, wanted]), values: this.#graph.node('Reshape', [values, wanted]) };
  }

  #encoded(graph: GraphBuilder): Codes {
    const { sae } = this.#source;
    const moved = graph.node('Transpose', [this.#terms.x], { perm: [1, 0, 2, 3] }); // [d, r, H, W]
    return sae.encode(graph, graph.node('Reshape', [moved, graph.int64(sae.sae.d, -1)]), 'edit');
  }

  #ones(): string {
    const { k } = this.#source.sae.sae;
    return this.#graph.constant({ dtype: 'float32', shape: [k], data: new Float32Array(k).fill(1) });
  }

  /** bias · u, with u = raw + norm · ‖z‖ + share · ‖z‖ / Σ‖z‖ over the row's cells. */
  #scaledBias(graph: GraphBuilder, values: string): string {
    const length = this.#reduce(graph, 'ReduceL2', values, 3, false); // [r, 1, p]
    const whole = this.#reduce(graph, 'ReduceSum', length, 2);
    const share = graph.node('Div', [length, graph.node('Max', [whole, graph.scalar(tiny)])]);
    const scaled = graph.node('Add', [graph.node('Mul', [this.#rule(graph, 'norm'), length]), graph.node('Mul', [this.#rule(graph, 'share'), share])]);
    return graph.node('Mul', [this.#terms.bias, graph.node('Add', [this.#rule(graph, 'raw'), scaled])]);
  }

  /** Coefficients that hold within regions found at this step, as `cutMap` of the concepts finds them; outside · z beyond. @param z [r, s, p] @param inside [r, s, p] */
  #inFoundRegions(graph: GraphBuilder, z: string, inside: string): string {
    const rulesInput = editInput(this.#source.site, 'rules');
    const members = graph.node('Slice', [rulesInput, graph.int64(rules.length), graph.int64(2 ** 31), graph.int64(2)]); // [r, s, s]
    const map = graph.node('MatMul', [members, z]); // [r, s, p]
    const [least, most] = [this.#reduce(graph, 'ReduceMin', map, 2), this.#reduce(graph, 'ReduceMax', map, 2)];
    const range = graph.node('Sub', [most, least]);
    const cut = graph.node('Min', [most, graph.node('Add', [least, graph.node('Mul', [this.#rule(graph, 'above'), range])])]);
    const found = graph.node('And', [graph.node('GreaterOrEqual', [map, cut]), graph.node('Greater', [most, graph.scalar(0)])]);
    const placed = graph.node('GatherElements', [found, editInput(this.#source.site, 'order')], { axis: 2 });
    const region = graph.node('Or', [placed, graph.node('Cast', [this.#rule(graph, 'fixed')], { to: elementTypes.bool })]);
    return graph.node('Where', [region, inside, graph.node('Mul', [this.#rule(graph, 'outside'), z])]);
  }

  /** A number of every slot [r, s, 1]. */
  #rule(graph: GraphBuilder, name: (typeof rules)[number]): string {
    const column = rules.indexOf(name);
    return graph.node('Slice', [editInput(this.#source.site, 'rules'), graph.int64(column), graph.int64(column + 1), graph.int64(2)]);
  }

  #reduce(graph: GraphBuilder, op: string, value: string, axis: number, keep = true): string {
    return reduce(graph, this.#source.opset, op, value, axis, keep);
  }
}

/** A reduction over one axis: ReduceSum takes it as an input since operator set 13, the others since 18. */
function reduce(graph: GraphBuilder, opset: number, op: string, value: string, axis: number, keep = true): string {
  const keepdims = Number(keep);
  return opset >= (op === 'ReduceSum' ? 13 : 18)
    ? graph.node(op, [value, graph.int64(axis)], { keepdims })
    : graph.node(op, [value], { axes: [axis], keepdims });
}
