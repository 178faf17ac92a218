import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areaAverage } from '../../../src/spec/areaAverage.ts';
import { regionCells } from '../../../src/spec/regions.ts';

function sum(values: Float32Array): number {
  return values.reduce((total, value) => total + value, 0);
}

const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const side = fc.integer({ min: 1, max: 12 });

describe('regionCells', () => {
  it('of names', () => {
    expect([...regionCells('everywhere', 2, 3)]).toEqual([1, 1, 1, 1, 1, 1]);
    expect([...regionCells('right', 2, 4)]).toEqual([0, 0, 1, 1, 0, 0, 1, 1]);
    expect([...regionCells('top-left', 2, 2)]).toEqual([1, 0, 0, 0]);
    expect([...regionCells('left', 1, 3)]).toEqual([1, 0.5, 0]);
    expect([...regionCells('center', 2, 2)]).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  it('of a triangle: half of the cells that its long side cuts', () => {
    expect([...regionCells({ polygon: [[0, 0], [1, 0], [0, 1]] }, 2, 2)]).toEqual([1, 0.5, 0.5, 0]);
  });

  it('of a shape with a notch, whose pieces in one cell fall apart', () => {
    const comb = { polygon: [[0, 0], [1, 0], [1, 1], [0.75, 1], [0.75, 0.5], [0.25, 0.5], [0.25, 1], [0, 1]] as const };
    expect([...regionCells(comb, 2, 1)]).toEqual([1, 0.5]);
  });

  it('covers as much as the region is large, every cell between 0 and 1', () => {
    fc.assert(fc.property(fraction, fraction, fraction, fraction, side, side, (a, b, c, d, height, width) => {
      const [left, right] = [Math.min(a, b), Math.max(a, b)];
      const [top, bottom] = [Math.min(c, d), Math.max(c, d)];
      const asBox = regionCells({ box: [left, top, right, bottom] }, height, width);
      const asPolygon = regionCells({ polygon: [[left, top], [right, top], [right, bottom], [left, bottom]] }, height, width);
      expect(sum(asBox) / (height * width)).toBeCloseTo((right - left) * (bottom - top), 5);
      asBox.forEach((value, cell) => {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
        expect(asPolygon[cell]).toBeCloseTo(value, 5);
      });
    }), { seed: 1 });
  });
});

describe('areaAverage', () => {
  it('keeps the mean, upwards and downwards, and what is constant', () => {
    fc.assert(fc.property(side, side, side, side, fc.infiniteStream(fraction), (height, width, toHeight, toWidth, values) => {
      const data = Float32Array.from({ length: height * width }, () => Number(values.next().value));
      const resized = areaAverage({ width, height, data }, toHeight, toWidth);
      expect(sum(resized) / resized.length).toBeCloseTo(sum(data) / data.length, 4);
      for (const value of areaAverage({ width, height, data: data.fill(1) }, toHeight, toWidth)) expect(value).toBeCloseTo(1, 5);
    }), { seed: 1 });
  });

  it('counts pixels that a cell covers in part', () => {
    expect([...areaAverage({ width: 3, height: 1, data: new Float32Array([0, 1, 1]) }, 1, 2)].map((value) => value.toFixed(4))).toEqual(['0.3333', '1.0000']);
  });
});
