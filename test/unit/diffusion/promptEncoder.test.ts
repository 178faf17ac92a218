import { describe, expect, it } from 'vitest';
import { float32 } from '../../../src/base/tensor.ts';
import { PromptEncoder } from '../../../src/diffusion/promptEncoder.ts';
import type { PromptTokenizer } from '../../../src/diffusion/tokenizer.ts';
import type { ValueInfo } from '../../../src/onnx/session.ts';
import { fakeSession } from '../../support/fakeSession.ts';

const tokenizer: PromptTokenizer = { maxLength: 3, ids: () => [1, 2], encode: (text) => Int32Array.of(1, text.length, 2) };
const hidden: ValueInfo = { name: 'last_hidden_state', dtype: 'float32', dims: ['batch', 'tokens', 4] };
const pooled: ValueInfo = { name: 'pooler_output', dtype: 'float32', dims: ['batch', 4] };
const ids: ValueInfo = { name: 'input_ids', dtype: 'int64', dims: ['batch', 'tokens'] };

describe('the prompt encoder', () => {
  it.each([['int64', BigInt64Array.of(1n, 0n, 2n, 1n, 3n, 2n)], ['int32', Int32Array.of(1, 0, 2, 1, 3, 2)]])('feeds %s ids and takes the hidden states', async (dtype, data) => {
    const states = float32(new Float32Array(24), [2, 3, 4]);
    const session = fakeSession([{ ...ids, dtype }], [pooled, hidden], () => ({ last_hidden_state: states }));
    expect(await new PromptEncoder(session, tokenizer, 'text.onnx').encode(['', 'red'])).toEqual({ hidden: states });
    expect(session.calls[0].input_ids).toEqual({ dtype, shape: [2, 3], data });
  });

  it.each<[string, ValueInfo[], ValueInfo[]]>([
    ['that wants more than a mask', [ids, { ...ids, name: 'position_ids' }], [hidden]],
    ['with a mask of floats', [ids, { ...ids, name: 'attention_mask', dtype: 'float32' }], [hidden]],
    ['that wants floats', [{ ...ids, dtype: 'float32' }], [hidden]],
    ['without hidden states', [ids], [pooled]],
  ])('refuses a model %s', (_, inputs, outputs) => {
    expect(() => new PromptEncoder(fakeSession(inputs, outputs, () => ({})), tokenizer, 'text.onnx')).toThrow(expect.objectContaining({ name: 'InputError', file: 'text.onnx' }) as Error);
  });
});
