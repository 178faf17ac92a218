import { expect, test } from 'vitest';
import { askedOnce } from '../../../src/judge/loadNounFinder.ts';

test('a segmenter asked in words is asked once for each noun of a picture, whoever measures', async () => {
  const asked: string[] = [];
  const mask = { height: 1, width: 1, data: Uint8Array.of(1) };
  const finder = askedOnce({
    find: (picture, noun) => {
      asked.push(`${picture.width} ${noun}`);
      return Promise.resolve(mask);
    },
    close: () => Promise.resolve(),
  });
  const [a, b] = [1, 2].map((width) => ({ height: 1, width, data: new Uint8Array(3 * width) }));
  await Promise.all(['house', 'house', 'house', 'tree'].map((noun) => finder.find(a, noun)));
  expect(await finder.find(b, 'house')).toBe(mask);
  expect(await finder.find(a, 'house')).toBe(mask);
  expect(asked).toEqual(['1 house', '1 tree', '2 house']);
});
