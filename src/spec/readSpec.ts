import { readFileBytes } from '../base/fileBytes.ts';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { longestSpec, parseSpec, type ParsedSpec } from './parseSpec.ts';

/**
 * Read and parse a spec file; its problems are in the result.
 * @throws InputError when there is no such file, or it is too large, or not UTF-8
 */
export async function readSpec(path: string): Promise<ParsedSpec> {
  const bytes = await readFileBytes(path, longestSpec);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(phrase`is not UTF-8`, { file: path, remedy: phrase`Save it as UTF-8 text.` });
  }
  return parseSpec(text, path);
}
