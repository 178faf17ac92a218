import * as Type from 'typebox';
import type { Static } from 'typebox';
import { hasShape } from '../base/checkShape.ts';
import { readJsonFile } from '../base/jsonFile.ts';
import { defaultProvider } from './provider.ts';

/** Which nodes of a network another provider than the CPU leaves to the CPU. */
export const Placement = Type.Object({
  /** Nodes that ran. */
  nodes: Type.Integer(),
  /** Those of them that ran on the CPU; shape arithmetic is put there on purpose. */
  onCpu: Type.Integer(),
  /** Operators of those, by how often they occur, most first. */
  operators: Type.Array(Type.String()),
});
export type Placement = Static<typeof Placement>;

/** What ONNX Runtime's profile says of a node; other events have other shapes. */
const NodeEvent = Type.Object({ cat: Type.Literal('Node'), name: Type.String(), args: Type.Object({ provider: Type.String(), op_name: Type.String(), node_index: Type.String() }) });

const cpuProvider = `${defaultProvider.toUpperCase()}ExecutionProvider`;
const maxBytes = 256 * 2 ** 20;

/** Where the nodes of a network ran. @param file a profile, see `Session.endProfile` @throws InputError when it is none */
export async function readPlacement(file: string): Promise<Placement> {
  const events = await readJsonFile(file, { maxBytes });
  const nodes = new Map<string, { readonly onCpu: boolean; readonly operator: string }>();
  for (const event of Array.isArray(events) ? events : []) {
    // Each run of a node is an event; nodes of a branch count from 0 again, but have other names.
    if (hasShape(NodeEvent, event)) nodes.set(`${event.args.node_index} ${event.name}`, { onCpu: event.args.provider === cpuProvider, operator: event.args.op_name });
  }
  const onCpu = [...nodes.values()].filter((node) => node.onCpu);
  const counts = new Map<string, number>();
  for (const { operator } of onCpu) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  return { nodes: nodes.size, onCpu: onCpu.length, operators: [...counts].sort(([, a], [, b]) => b - a).map(([operator]) => operator) };
}
