import type { Node } from 'jsonc-parser';
import { InputError } from '../base/errors.ts';
import type { FileFinder } from './fileFinder.ts';
import { namedFiles } from './namedFiles.ts';
import { Remarks, type Remark } from './remark.ts';

/** Every folder or file that a spec names and that is not there, with the one that was meant. @param root of any document */
export async function checkFiles(root: Node, finder: FileFinder): Promise<Remark[]> {
  const remarks = new Remarks(root);
  for (const file of namedFiles(root)) {
    try {
      await finder.find(file);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      const by = await finder.suggest(file);
      remarks.add({
        code: 'unknown-file', path: file.path, fixes: by === undefined ? [] : [{ kind: 'replace', node: file.node, by }],
        ...error.phrases,
      });
    }
  }
  return remarks.list;
}
