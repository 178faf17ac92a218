import { expect, it } from 'vitest';
import { closest } from '../../../src/base/closest.ts';

it('finds the word that was meant', () => {
  const words = ['steps', 'seeds', 'scheduler', 'center'];
  expect(closest('step', words)).toBe('steps');
  expect(closest('Sedes', words)).toBe('seeds'); // two neighbours swapped
  expect(closest('centre', words)).toBe('center');
  expect(closest('shceduller', words)).toBe('scheduler');
});

it('offers nothing far away', () => {
  expect(closest('model', ['steps', 'seeds'])).toBeUndefined();
  expect(closest('ab', ['xy'])).toBeUndefined();
  expect(closest('steps', [])).toBeUndefined();
});
