import fc from 'fast-check';
import { decode } from 'fast-png';
import { describe, expect, it } from 'vitest';
import { encodePng } from '../../../src/diffusion/png.ts';

describe('PNG', () => {
  it('comes back from another library bit for bit', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.uint8Array({ minLength: 243, maxLength: 243 }), async (width, height, bytes) => {
      const data = bytes.slice(0, width * height * 3);
      const decoded = decode(await encodePng({ width, height, data }), { checkCrc: true });
      expect(decoded).toMatchObject({ width, height, channels: 3, depth: 8 });
      expect([...decoded.data]).toEqual([...data]);
    }), { seed: 1 });
  });
});
