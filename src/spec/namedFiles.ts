import type { Node } from 'jsonc-parser';
import { parsePointer } from './jsonPath.ts';
import { entriesOf, itemsOf, textOf, top, valueOf, type Place } from './place.ts';

/** A folder or file that a spec names. */
export interface NamedFile extends Place {
  readonly kind: 'model' | 'saes' | 'judge' | 'mask' | 'prompts';
  /** As the spec writes it. */
  readonly text: string;
}

/** Find the folders and files that a spec names, in the order of the format. */
export function namedFiles(root: Node): NamedFile[] {
  const spec = top(root);
  const found: NamedFile[] = [];
  const add = (kind: NamedFile['kind'], place: Place | undefined): void => {
    const text = textOf(place);
    if (place !== undefined && text !== undefined && text !== '') found.push({ kind, text, ...place });
  };

  add('model', valueOf(spec, 'model'));
  for (const item of itemsOf(valueOf(spec, 'saes'))) add('saes', item);
  add('judge', valueOf(spec, 'judge'));
  for (const experiment of entriesOf(valueOf(spec, 'experiments'))) {
    for (const edit of itemsOf(valueOf(experiment, 'edits'))) add('mask', valueOf(valueOf(edit, 'where'), 'mask'));
  }
  for (const sweep of entriesOf(valueOf(spec, 'sweeps'))) {
    for (const values of entriesOf(valueOf(sweep, 'vary'))) {
      const leaf = parsePointer(values.key).slice(2).join('/');
      if (leaf === 'where') for (const item of itemsOf(values)) add('mask', valueOf(item, 'mask'));
      if (leaf === 'where/mask') for (const item of itemsOf(values)) add('mask', item);
    }
  }
  for (const study of entriesOf(valueOf(spec, 'studies'))) add('prompts', valueOf(study, 'prompts'));
  return found;
}
