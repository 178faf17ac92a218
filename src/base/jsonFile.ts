import { parse, printParseErrorCode } from 'jsonc-parser';
import type { ParseError } from 'jsonc-parser';
import { InputError } from './errors.ts';
import { phrase } from './phrase.ts';
import { readFileBytes } from './fileBytes.ts';

/** No configuration, label list or manifest we read is longer. */
const defaultMaxBytes = 64 * 2 ** 20;

/**
 * Read a JSON file of at most `maxBytes`.
 * @param options.pythonNumbers reads what Python's writer makes of infinities and NaN, which JSON does not have, as null
 * @throws InputError with `line:column` when it is not UTF-8 JSON
 */
export async function readJsonFile(path: string, { maxBytes = defaultMaxBytes, pythonNumbers = false }: { maxBytes?: number; pythonNumbers?: boolean } = {}): Promise<unknown> {
  const bytes = await readFileBytes(path, maxBytes);
  const given = new TextDecoder().decode(bytes);
  const text = pythonNumbers ? given.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) => (token.startsWith('"') ? token : 'null')) : given;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw jsonError(text, (error as SyntaxError).message, path);
  }
}

/** The engine's own message names no line, so a tolerant parser finds the place. */
function jsonError(text: string, message: string, file: string): InputError {
  const first = firstFault(text);
  const lines = text.slice(0, first?.offset ?? 0).split('\n');
  return new InputError(phrase`is not valid JSON: ${first === undefined ? message : printParseErrorCode(first.error)}`, {
    file,
    place: `${lines.length}:${lines[lines.length - 1].length + 1}`,
    remedy: phrase`Correct the JSON there; if nobody edited the file, it is damaged: restore it.`,
  });
}

function firstFault(text: string): ParseError | undefined {
  const errors: ParseError[] = [];
  try {
    parse(text, errors, { disallowComments: true, allowTrailingComma: false });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // brackets nest deeper than that parser's stack reaches
  }
  return errors.at(0);
}
