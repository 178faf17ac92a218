import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { DType } from '../base/tensor.ts';
import type { GraphNode } from '../onnx/messages.ts';
import type { ModelIndex } from '../onnx/modelIndex.ts';
import { GraphView, maxHops, rearranging } from './graphView.ts';

/** How a site was found: by the names that PyTorch's exporters write, by their metadata, from the weight of its last layer, or because someone chose it. */
export type Rule = 'name' | 'metadata' | 'weight' | 'choice';

/** A transformer block of a U-Net. It ends in one Add: output = Δ + residual. */
export interface Site {
  /** The module's path in diffusers, e.g. `mid_block.attentions.0`. */
  readonly name: string;
  /** Names of the values: Δ, what the block adds; the sum; what it is added to. Each [batch, channels, height, width]. */
  readonly delta: string;
  readonly output: string;
  readonly residual: string;
  readonly dtype: DType;
  readonly channels: number;
  /** The rules that found it; all of them agree. */
  readonly how: readonly Rule[];
}

interface Finding {
  readonly site: string;
  readonly rule: Rule;
  readonly add: GraphNode;
  readonly delta: string;
}

const block = String.raw`(?:down_blocks\.\d+|mid_block|up_blocks\.\d+)`;
/** Anchored at both ends: blocks hold other Adds with longer names. */
const addName = new RegExp(String.raw`^((?:/[^/]+)?/(${block})/(attentions\.\d+)/)Add_output_0$`);
const modulePath = new RegExp(String.raw`^(?:.+\.)?(${block}\.attentions\.\d+)$`);
const biasName = new RegExp(String.raw`^(?:.+\.)?(${block}\.attentions\.\d+)\.proj_out\.bias$`);

/** What someone has said about a model: the sum that ends a block, and which of its operands is the block's update. */
export interface ChosenSite {
  readonly sum: string;
  readonly update: string;
}

/**
 * The transformer blocks of a U-Net in order of execution, by every rule that its exporter left evidence for.
 * @param chosen by hand, where the rules find nothing; by the name of the site
 * @throws InputError when two rules disagree on a block, or what was chosen is not in this model
 */
export function findSites(index: ModelIndex, chosen: Readonly<Record<string, ChosenSite>> = {}): Site[] {
  const graph = new GraphView(index);
  const bySite = new Map<string, Finding[]>();
  for (const finding of [...byName(index), ...byMetadata(index, graph), ...byWeight(index, graph), ...byChoice(index, graph, chosen)]) {
    bySite.set(finding.site, [...bySite.get(finding.site) ?? [], finding]);
  }
  return [...bySite]
    .map(([name, findings]) => {
      const [{ add }] = settled(findings);
      return { add, site: agree(name, settled(findings), index, graph) };
    })
    .sort((a, b) => graph.position(a.add) - graph.position(b.add))
    .map(({ site }) => site);
}

/** Where the rules contradict each other, what was chosen decides; against rules that agree it may not stand. */
function settled(findings: readonly Finding[]): readonly Finding[] {
  const byHand = findings.filter(({ rule }) => rule === 'choice');
  const rules = findings.filter(({ rule }) => rule !== 'choice');
  const disagree = rules.some(({ add, delta }) => add !== rules[0].add || delta !== rules[0].delta);
  return disagree && byHand.length > 0 ? byHand : findings;
}

function agree(name: string, findings: readonly Finding[], index: ModelIndex, graph: GraphView): Site {
  const [{ add, delta }] = findings;
  const other = findings.find(finding => finding.add !== add || finding.delta !== delta);
  if (other !== undefined) {
    throw new InputError(phrase`by ${findings[0].rule} its update is ${delta}, by ${other.rule} ${other.delta}`, {
      file: index.path, place: name, remedy: phrase`The names in this model contradict each other: export it again from PyTorch, or choose with: dmi sites <model folder> --candidates.`,
    });
  }
  const { channels, dtype } = graph.biasBehind(delta) ?? graph.declared(delta) ?? {};
  if (channels === undefined || dtype === undefined) {
    throw new InputError(phrase`the width and type of ${delta} cannot be told`, {
      file: index.path, place: name, remedy: phrase`Export the model again, with shape inference (onnx.shape_inference in Python).`,
    });
  }
  const residual = add.inputs[0] === delta ? add.inputs[1] : add.inputs[0];
  return { name, delta, output: add.outputs[0], residual, dtype, channels, how: findings.map(({ rule }) => rule) };
}

/** Rule 1: the legacy exporter names the sum `/<block>/attentions.<i>/Add_output_0`, and all values of the branch below that path. */
function byName({ nodes }: ModelIndex): Finding[] {
  return nodes.flatMap(add => {
    const match = add.opType === 'Add' ? addName.exec(add.outputs[0]) : null;
    if (match === null) {
      return [];
    }
    const [, path, parent, module] = match;
    return finding(`${parent}.${module}`, 'name', add, input => input.startsWith(path));
  });
}

/** Rule 2: the dynamo exporter tells the module of each node, innermost last but one. */
function byMetadata({ nodes }: ModelIndex, graph: GraphView): Finding[] {
  const found = nodes.flatMap(add => {
    const scope = add.opType === 'Add' ? scopesOf(add).at(-2) : undefined;
    const site = scope === undefined ? undefined : modulePath.exec(scope)?.[1];
    return scope === undefined || site === undefined
      ? []
      : finding(site, 'metadata', add, input => scopesOf(graph.producer(input)).includes(scope));
  });
  const times = new Map<string, number>();
  for (const { site } of found) {
    times.set(site, (times.get(site) ?? 0) + 1);
  }
  return found.filter(({ site }) => times.get(site) === 1); // two sums in one module are no evidence
}

/** Rule 3: the bias of `proj_out` keeps its name in most exports; from the node that adds it, onward to the first sum of two activations. */
function byWeight({ weights }: ModelIndex, graph: GraphView): Finding[] {
  return [...weights.keys()].flatMap(weight => {
    const site = biasName.exec(weight)?.[1];
    let value = site === undefined ? undefined : graph.consumers(weight).at(0)?.outputs[0];
    for (let hop = 0; hop < maxHops && site !== undefined && value !== undefined; hop++) {
      const delta: string = value;
      const consumers = graph.consumers(delta);
      const add = consumers.find(({ opType, inputs }) => opType === 'Add' && inputs.every(input => !weights.has(input)));
      if (add !== undefined) {
        return finding(site, 'weight', add, input => input === delta);
      }
      value = consumers.find(({ opType }) => rearranging.has(opType))?.outputs[0];
    }
    return [];
  });
}

/** Rule 4: someone picked it from the candidates. */
function byChoice(index: ModelIndex, graph: GraphView, chosen: Readonly<Record<string, ChosenSite>>): Finding[] {
  return Object.entries(chosen).map(([site, { sum, update }]) => {
    const add = graph.producer(sum);
    if (add?.opType !== 'Add' || !add.inputs.includes(update)) {
      throw new InputError(phrase`what was chosen as ${site} is no sum with ${update} in it`, {
        file: index.path, place: sum, remedy: phrase`Choose it again with: dmi sites <model folder> --choose.`,
      });
    }
    return { site, rule: 'choice', add, delta: update };
  });
}

/** A finding, provided that exactly one operand belongs to the branch. */
function finding(site: string, rule: Rule, add: GraphNode, isBranch: (input: string) => boolean): Finding[] {
  const branch = add.inputs.filter(isBranch);
  return add.inputs.length === 2 && branch.length === 1 ? [{ site, rule, add, delta: branch[0] }] : [];
}

/** The list of module paths that torch.onnx leaves with a node: a Python list literal of strings. */
function scopesOf(node: GraphNode | undefined): string[] {
  const literal = node?.metadata.get('pkg.torch.onnx.name_scopes') ?? '';
  return Array.from(literal.matchAll(/(['"])(.*?)\1/g), match => match[2]);
}
