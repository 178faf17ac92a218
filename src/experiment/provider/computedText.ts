import type { Computed } from './computed.ts';

/** What computed a run, in few words that need no translation: `webgpu (auto), ONNX Runtime 1.30.0; 12 of 400 nodes: cpu (Gather, If); Δ 2.1e-5`. */
export function computedText({ asked, networks, onnxRuntime, device, trials = [] }: Computed): string {
  const used = [...new Set(Object.values(networks))];
  const each = used.length === 1 ? used[0] : Object.entries(networks).map(([network, provider]) => `${network}: ${provider}`).join(', ');
  const trial = trials.find(({ provider }) => provider === networks.unet);
  const { placement, agreement } = trial ?? {};
  const paces = trials.flatMap(({ provider, stepMs }) => (stepMs === null ? [] : [`${provider} ${stepMs.toPrecision(3)} ms`]));
  return [
    `${each}${asked === each ? '' : ` (${asked}${paces.length > 1 ? `: ${paces.join(', ')}` : ''})`}, ONNX Runtime ${onnxRuntime}${device === undefined ? '' : `, ${device}`}`,
    ...(placement === undefined ? [] : [`${placement.onCpu}/${placement.nodes} nodes: cpu${placement.operators.length === 0 ? '' : ` (${placement.operators.slice(0, 6).join(', ')})`}`]),
    ...(agreement === undefined ? [] : [`Δ cpu ${agreement.difference.toExponential(1)}${agreement.worst > 1 ? ` > ${agreement.tolerance} (${agreement.of})` : ''}`]),
  ].join('; ');
}
