import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.ts';
import { openInstrumentedUnet } from '../../src/instrument/instrumentUnet.ts';
import type { InstrumentedUnet, Instruments } from '../../src/instrument/instrumentUnet.ts';
import type { EditSlot, SiteEdits } from '../../src/instrument/siteEdits.ts';
import { cells, d, edited, perCell, rowsOfSlots, sample, text, tinyEditor } from '../support/editsByHand.ts';
import { tinySite as site, writeTinyUnet } from '../support/tinyUnet.ts';

const open: InstrumentedUnet[] = [];
afterAll(async () => { await Promise.all(open.map((unet) => unet.close())); });
async function instrument(path: string, instruments: Partial<Instruments>): Promise<InstrumentedUnet> {
  const unet = await openInstrumentedUnet(path, { taps: [], encoders: [], branch: 'both', ...instruments });
  open.push(unet);
  return unet;
}

/** As the exporters write models: reductions take their axes as an attribute up to operator set 17, from 18 on as an input. */
const models = [13, 14, 17, 18, 20].flatMap((opset) => (['float32', 'float16'] as const).map((dtype) => ({ opset, dtype })));

describe.each(models)('edits in a model of operator set $opset in $dtype', async ({ opset, dtype }) => {
  const path = await writeTinyUnet({ opset, dtype });
  const tolerance = dtype === 'float32' ? 1e-5 : 2 ** -9; // of the row's greatest; float16 has a unit in the last place of 2 ** -10
  const plain = await instrument(path, {});
  const sae = await tinyEditor();
  const unets = [await instrument(path, { editors: [sae] }), await instrument(path, { editors: [sae], encoders: [sae] })];

  it.each(Object.entries(rowsOfSlots))('are what they are said to be: %s', async (_, rows) => {
    for (const unet of unets) {
      const edits: SiteEdits = { site, rows };
      const { noise, taps } = await unet.predict(sample(2), 1, text(2), [edits], { updates: true });
      const [before, after] = ['delta', 'edited'].map((kind) => taps[`${kind}/${site}`].data as Float32Array);
      for (const [row, slots] of rows.entries()) {
        const part = (values: Float32Array): Float32Array => values.subarray(row * d * cells, (row + 1) * d * cells);
        const expected = edited(part(before), slots);
        const scale = Math.max(1, ...expected.map(Math.abs));
        part(after).forEach((value, at) => { expect(Math.abs(value - expected[at]) / scale).toBeLessThan(slots.length > 0 || dtype === 'float16' ? tolerance : 1e-12); });
        const [input, output] = [part(sample(2).data), part(noise.data as Float32Array)];
        output.forEach((value, at) => { expect(Math.abs(value - (expected[at] - input[at])) / scale, 'the block adds what was edited').toBeLessThan(2 * tolerance); });
      }
    }
  });

  it('are no edits where none is in force', async () => {
    const expected = (await plain.predict(sample(3), 1, text(3))).noise.data as Float32Array;
    for (const unet of unets) {
      const idle = (await unet.predict(sample(3), 1, text(3))).noise.data as Float32Array;
      expect((await unet.predict(sample(3), 1, text(3), [{ site, rows: [[], [], []] }])).noise.data).toEqual(idle);
      // On the CPU, ONNX Runtime computes float16 in float32 and rounds where it must; a branch is such a place.
      if (dtype === 'float32') expect(idle).toEqual(expected);
      else idle.forEach((value, at) => { expect(Math.abs(value - expected[at])).toBeLessThan(2 ** -9); });
    }
  });

  it('leave rows between edited ones, before and after them as they were, bit for bit', async () => {
    const slot: EditSlot = { reads: 1, unit: 'norm', bias: perCell(1), gain: perCell(1) };
    for (const unet of unets) {
      const idle = (await unet.predict(sample(5), 1, text(5))).noise.data as Float32Array;
      const noise = (await unet.predict(sample(5), 1, text(5), [{ site, rows: [[], [slot], [], [slot], []] }])).noise.data as Float32Array;
      for (const row of [0, 1, 2, 3, 4]) {
        const part = (values: Float32Array): Float32Array => values.slice(row * d * cells, (row + 1) * d * cells);
        if (row % 2 === 0) expect(part(noise)).toEqual(part(idle));
        else expect(part(noise)).not.toEqual(part(idle));
      }
    }
  });
});

describe('what cannot be edited', () => {
  it('is a model of an operator set in which the graph of edits cannot be written', async () => {
    const path = await writeTinyUnet({ opset: 12, dtype: 'float32' });
    await expect(instrument(path, {})).resolves.toBeDefined();
    await expect(instrument(path, { editors: [await tinyEditor()] })).rejects.toThrow(InputError);
  });

  it('is a site whose update is replaced', async () => {
    const path = await writeTinyUnet({ opset: 17, dtype: 'float32' });
    await expect(instrument(path, { editors: [await tinyEditor()], replacements: [{ site, by: 'zero' }] })).rejects.toThrow(RangeError);
  });
});
