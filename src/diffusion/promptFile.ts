import { InputError } from '../base/errors.ts';
import { readFileBytes } from '../base/fileBytes.ts';

/** No list of prompts that people write is longer. */
const maxBytes = 64 * 2 ** 20;

/** Read prompts, one a line; empty lines and lines that begin with `#` are left out. @throws InputError when there is none */
export async function readPromptFile(file: string): Promise<string[]> {
  const text = new TextDecoder().decode(await readFileBytes(file, maxBytes));
  const prompts = text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  if (prompts.length > 0) return prompts;
  throw new InputError('holds no prompt', { file, remedy: 'Write one prompt on each line.' });
}
