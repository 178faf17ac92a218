import { describe, expect, it } from 'vitest';
import { readFromPanel } from '../../../../src/editor/timeline/fromPanelSchema.ts';

const edit = { site: 'mid', concept: 3, add: 4, during: 'early', where: 'everywhere' };
const insert = (parts: object): object => ({ type: 'insertEdit', edit: { ...edit, ...parts } });
const painted = (width: number, height: number, data: unknown): object => insert({ where: { painted: { width, height, data } } });

describe('a message from the panel', () => {
  it('is passed on when it is one of the protocol', () => {
    const messages = [
      ...['ready', 'run', 'cancel', 'openSpec', 'compare', 'report'].map((type) => ({ type })),
      { type: 'copy', text: 'seed 0' }, { type: 'select', site: 'mid', concept: 3, step: 29 },
      insert({}), insert({ during: { from: 1, to: 0.6 } }), insert({ during: { steps: [0, 3] } }),
      insert({ where: { box: [0, 0, 0.5, 1] } }), insert({ where: { polygon: [[0, 0], [1, 0], [1, 1]] } }), insert({ where: { concept: 12, above: 0.2 } }),
      painted(4, 2, new Uint8Array(8)),
    ];
    for (const message of messages) expect(readFromPanel(message)).toBe(message);
  });

  it('is dropped when it is anything else', () => {
    const messages = [
      undefined, null, 'run', [], {}, { type: 'eval' }, { type: 'run', uri: 'file:///etc/passwd' }, { type: 'copy', text: 'x'.repeat(70_000) }, { type: 'copy' },
      { type: 'select', site: 'mid', concept: -1, step: 0 }, { type: 'select', site: 'm'.repeat(201), concept: 1, step: 0 }, { type: 'select', site: 'mid', concept: 1.5, step: 0 },
      insert({ where: { mask: '../../secret.png' } }), insert({ where: { box: [0, 0, 2, 1] } }), insert({ where: 3 }), insert({ during: 'sometimes' }), insert({ add: Infinity }), insert({ add: 1e9 }),
      insert({ why: 'more' }), insert({ where: { polygon: Array.from({ length: 1001 }, () => [0, 0]) } }),
      painted(4, 2, new Uint8Array(7)), painted(4, 2, [0, 0, 0, 0, 0, 0, 0, 0]), painted(2000, 2, new Uint8Array(4000)), painted(0, 0, new Uint8Array()), painted(4, 2, { length: 8 }),
    ];
    for (const message of messages) expect(readFromPanel(message)).toBeUndefined();
  });
});
