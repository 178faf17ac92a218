import { expect, it } from 'vitest';
import { readArguments, readNumber, UsageError } from '../../../src/commands/readArguments.ts';

const options = { json: { type: 'boolean', summary: '' }, out: { type: 'string', short: 'o', value: 'FOLDER', summary: '' } } as const;

it('separates flags from arguments, in any order', () => {
  expect(readArguments(['a', '--json', '-o', 'x'], options)).toEqual({ values: { json: true, out: 'x' }, positionals: ['a'] });
  expect(readArguments(['--out=x', '--', '--json'], options)).toEqual({ values: { out: 'x' }, positionals: ['--json'] });
  expect(readArguments([], options, { min: 0, max: 2 })).toEqual({ values: {}, positionals: [] });
});

it('gathers what may be given several times, and takes the last of what may not', () => {
  const repeating = { ...options, only: { type: 'string', repeats: true, summary: '' } } as const;
  expect(readArguments(['a', '--only', 'x', '--only=y'], repeating).values.only).toEqual(['x', 'y']);
  expect(readArguments(['a', '--only', 'x'], repeating).values.only).toEqual(['x']);
  expect(readArguments(['a', '-o', '1', '--out', '2'], repeating).values).toEqual({ out: '2' });
});

it.each([
  [['a', '--jsn'], 'unknown option --jsn; did you mean --json?'],
  [['a', '-x'], 'unknown option -x'],
  [['a', '--json=1'], '--json takes no value'],
  [['a', '--out'], '--out needs a value: --out FOLDER'],
  [[], 'an argument is missing'],
  [['a', 'b'], 'one argument too many: b'],
])('%j is wrong: %s', (args, message) => {
  expect(() => readArguments(args, options)).toThrow(new UsageError(message));
});

it('reads numbers within their range', () => {
  expect(readNumber('lr', '1e-3')).toBe(1e-3);
  expect(() => readNumber('steps', '1.5', { min: 1, max: 9, whole: true })).toThrow('--steps takes a whole number from 1 to 9, not "1.5"');
  expect(() => readNumber('lr', '')).toThrow(UsageError);
});
