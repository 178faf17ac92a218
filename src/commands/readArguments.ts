import { parseArgs } from 'node:util';
import { closest } from '../base/closest.ts';
import type { Options } from './command.ts';

/** The command line itself is wrong: exit code 2, with a pointer to `--help`. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The flags that were given, by name; a flag that was not given is absent. */
export type Values<O extends Options> = { [K in keyof O]?: O[K]['type'] extends 'boolean' ? boolean : O[K] extends { readonly repeats: true } ? string[] : string };

/** How many arguments that are not flags a command takes. */
interface Arity {
  readonly min: number;
  readonly max: number;
}

/**
 * Read a command's arguments.
 * @param arity how many positional arguments are accepted; exactly one where left out.
 * @throws UsageError for an unknown flag (with the closest one), a missing value, or a wrong number of arguments.
 */
export function readArguments<const O extends Options>(
  args: readonly string[], options: O, arity: Arity = { min: 1, max: 1 },
): { values: Values<O>; positionals: string[] } {
  const known = new Map(Object.entries(options));
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries([...known].map(([name, { type, short }]) => [name, short === undefined ? { type } : { type, short }])),
    allowPositionals: true, strict: false, tokens: true,
  });
  const values: Record<string, boolean | string | string[]> = {};
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = known.get(token.name);
    if (option === undefined) throw unknownFlag(token.rawName, known.keys());
    if (option.type === 'boolean') {
      if (token.value !== undefined) throw new UsageError(`${token.rawName} takes no value`);
      values[token.name] = true;
    } else {
      if (token.value === undefined) throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${option.value ?? 'VALUE'}`);
      const before = values[token.name];
      values[token.name] = option.repeats === true ? [...(Array.isArray(before) ? before : []), token.value] : token.value;
    }
  }
  if (positionals.length < arity.min) throw new UsageError('an argument is missing');
  if (positionals.length > arity.max) throw new UsageError(`one argument too many: ${positionals[arity.max] ?? ''}`);
  return { values: values as Values<O>, positionals };
}

/**
 * A flag's value as a number.
 * @throws UsageError when the text is not a finite number within [min, max], or not a whole one where `whole` is set.
 */
export function readNumber(flag: string, text: string, { min = -Infinity, max = Infinity, whole = false } = {}): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isFinite(value) && value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? 'a whole number' : 'a number';
  const range = min === -Infinity && max === Infinity ? '' : ` from ${min} to ${max}`;
  throw new UsageError(`--${flag} takes ${kind}${range}, not "${text}"`);
}

function unknownFlag(flag: string, names: Iterable<string>): UsageError {
  const near = closest(flag.replace(/^-+/, ''), names);
  return new UsageError(`unknown option ${flag}${near === undefined ? '' : `; did you mean --${near}?`}`);
}
