import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { insertMember, layoutOf, type Insertion, type Layout } from './insertMember.ts';

/**
 * Name more folders of SAEs in a spec.
 * @param file names the spec in errors @param folders as the spec is to name them
 * @returns what to put into the text, in order; none where all are named already @throws InputError for a text that has no place for them
 */
export function addSaes(text: string, file: string, folders: readonly string[]): Insertion[] {
  const root = parseTree(text);
  if (root?.type !== 'object') throw new InputError(phrase`is not a JSON object`, { file, remedy: phrase`Correct the spec first, or name the SAEs under "saes" by hand.` });
  const layout = layoutOf(text, root);
  const saes = findNodeAtLocation(root, ['saes']);
  if (saes === undefined) {
    const model = findNodeAtLocation(root, ['model'])?.parent;
    return insertMember(text, root, model ?? root.children?.at(-1), layout, (indent) => `"saes": ${list(folders, indent, layout)}`);
  }
  if (saes.type !== 'array') throw new InputError(phrase`"saes" is not a list`, { file, place: '/saes', remedy: phrase`Correct the spec first, or name the SAEs under "saes" by hand.` });
  const named = new Set(saes.children?.map(({ value }) => value as unknown));
  const missing = folders.filter((folder) => !named.has(folder));
  return missing.length === 0 ? [] : insertMember(text, saes, saes.children?.at(-1), layout, () => written(missing, ', '));
}

/** One in a line, several below each other. */
function list(folders: readonly string[], indent: string, { eol, unit }: Layout): string {
  const line = `${eol}${indent}${unit}`;
  return folders.length < 2 ? `[${written(folders, '')}]` : `[${line}${written(folders, `,${line}`)}${eol}${indent}]`;
}

function written(folders: readonly string[], between: string): string {
  return folders.map((folder) => JSON.stringify(folder)).join(between);
}
