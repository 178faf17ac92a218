import { expect, it } from 'vitest';
import type { Trial } from '../../../src/experiment/provider/computed.ts';
import { computedText } from '../../../src/experiment/provider/computedText.ts';

const networks = (provider: string) => ({ unet: provider, textEncoder: provider, vaeDecoder: provider });
const webgpu: Trial = {
  provider: 'webgpu', stepMs: 9.2, agreement: { worst: 0.021, of: 'U-Net', difference: 2.1e-5, tolerance: 1e-3 }, placement: { nodes: 400, onCpu: 12, operators: ['Gather', 'If'] },
};

it('says what ran, where, and how that was decided', () => {
  expect(computedText({ asked: 'cpu', networks: networks('cpu'), onnxRuntime: '1.30.0', device: 'AMD EPYC' })).toBe('cpu, ONNX Runtime 1.30.0, AMD EPYC');
  expect(computedText({ asked: 'webgpu', networks: networks('webgpu'), onnxRuntime: '1.30.0', trials: [webgpu] }))
    .toBe('webgpu, ONNX Runtime 1.30.0; 12/400 nodes: cpu (Gather, If); Δ cpu 2.1e-5');
  expect(computedText({ asked: 'auto', networks: networks('webgpu'), onnxRuntime: '1.30.0', trials: [{ provider: 'cpu', stepMs: 41 }, webgpu, { provider: 'cuda', stepMs: null, fault: 'no library' }] }))
    .toBe('webgpu (auto: cpu 41.0 ms, webgpu 9.20 ms, cuda: no library), ONNX Runtime 1.30.0; 12/400 nodes: cpu (Gather, If); Δ cpu 2.1e-5');
});

it('says where numbers disagree', () => {
  const wrong: Trial = { provider: 'webgpu', stepMs: null, agreement: { worst: 250, of: 'U-Net', difference: 0.25, tolerance: 1e-3 } };
  expect(computedText({ asked: 'webgpu', networks: networks('webgpu'), onnxRuntime: '1', trials: [wrong] })).toBe('webgpu, ONNX Runtime 1; Δ cpu 2.5e-1 > 0.001 (U-Net)');
});
