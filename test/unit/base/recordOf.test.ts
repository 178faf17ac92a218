import * as Type from 'typebox';
import { expect, it } from 'vitest';
import { recordOf } from '../../../src/base/recordOf.ts';

it('recordOf gives the JSON Schema that TypeBox gives for the same keys and values', () => {
  const value = Type.Integer({ minimum: 0 });
  expect(recordOf(value)).toEqual(Type.Record(Type.String(), value));
  expect(recordOf(value, { pattern: '^a', maxProperties: 3, additionalProperties: false }))
    .toEqual(Type.Record(Type.String({ pattern: '^a' }), value, { maxProperties: 3, additionalProperties: false }));
});
