import type { Computed, Trial } from './computed.ts';

/** What computed a run, in few words that need no translation: `webgpu (auto: cpu 41 ms, webgpu 9.2 ms, cuda: no library), ONNX Runtime 1.30.0; 12/400 nodes: cpu (Gather, If); Δ cpu 2.1e-5`. */
export function computedText({ asked, networks, onnxRuntime, device, trials = [] }: Computed): string {
  const used = [...new Set(Object.values(networks))];
  const each = used.length === 1 ? used[0] : Object.entries(networks).map(([network, provider]) => `${network}: ${provider}`).join(', ');
  const { placement, agreement } = trials.find(({ provider }) => provider === networks.unet) ?? {};
  const how = asked === each ? '' : ` (${[asked, trials.map(resultOf).join(', ')].filter((text) => text !== '').join(': ')})`;
  return [
    `${each}${how}, ONNX Runtime ${onnxRuntime}${device === undefined ? '' : `, ${device}`}`,
    ...(placement === undefined ? [] : [`${placement.onCpu}/${placement.nodes} nodes: cpu${placement.operators.length === 0 ? '' : ` (${placement.operators.slice(0, 6).join(', ')})`}`]),
    ...(agreement === undefined ? [] : [`Δ cpu ${agreement.difference.toExponential(1)}${agreement.worst > 1 ? ` > ${agreement.tolerance} (${agreement.of})` : ''}`]),
  ].join('; ');
}

/** Of a reason, in characters. */
const longestReason = 120;

function resultOf({ provider, stepMs, fault, agreement }: Trial): string {
  if (fault !== undefined) return `${provider}: ${fault.length > longestReason ? `${fault.slice(0, longestReason)}…` : fault}`;
  const wrong = agreement !== undefined && agreement.worst > 1 ? ` Δ ${agreement.difference.toExponential(1)} > ${agreement.tolerance}` : '';
  return `${provider}${stepMs === null ? '' : ` ${stepMs.toPrecision(3)} ms`}${wrong}`;
}
