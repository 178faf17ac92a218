import { expect, test } from 'vitest';
import { labelMasks } from '../../../src/judge/labelMasks.ts';
import { variedPrompts } from '../../../src/judge/variedPrompts.ts';

const vocabulary = { things: ['house', 'tree', 'ball'], colours: ['red', 'orange'], backgrounds: ['snow', 'sea'], styles: ['plain', 'sketch'] };

test('things, colours and coloured things have masks; specks do not', () => {
  const classes = new Uint16Array(400);
  classes.fill(1, 0, 10); // house
  classes.fill(2, 10, 30); // tree
  classes.fill(3, 30, 33); // a speck of ball
  const colours = new Map([['house', 'red'], ['tree', 'red'], ['ball', 'orange']]);
  const masks = labelMasks({ height: 20, width: 20, classes, colours, background: 'snow', style: 'plain' }, vocabulary);
  const area = (label: string) => masks.get(label)?.reduce((sum, bit) => sum + bit, 0);
  expect([...masks.keys()].sort()).toEqual(['house', 'red', 'red house', 'red tree', 'tree']);
  expect([area('house'), area('tree'), area('red'), area('red house')]).toEqual([10, 20, 30, 10]);
});

test('prompts use every word equally often and repeat exactly', () => {
  const prompts = variedPrompts(vocabulary, 24);
  expect(prompts).toEqual(variedPrompts(vocabulary, 24));
  expect(prompts).not.toEqual(variedPrompts(vocabulary, 24, 1));
  expect(new Set(prompts).size).toBeGreaterThan(20);
  const withWord = (word: string) => prompts.filter((prompt) => prompt.split(/[ ,]+/).includes(word)).length;
  expect([withWord('snow'), withWord('sea'), withWord('plain'), withWord('sketch')]).toEqual([12, 12, 12, 12]);
  expect(withWord('house')).toBeGreaterThan(8);
  expect(prompts.join()).toMatch(/an orange (house|tree|ball)/);
  expect(prompts.filter((prompt) => prompt.includes(' at the ') || prompt.includes(' in the ')).length).toBe(12);
});
