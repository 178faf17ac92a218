import { getNodeValue, type Node } from 'jsonc-parser';
import { entriesOf, itemsOf, valueOf, type Place } from '../../spec/place.ts';

/** A value of an experiment that a sweep can vary or a search look for. */
export interface Pointer {
  readonly pointer: string;
  /** What stands there; undefined where it is left out. */
  readonly now: unknown;
  readonly numeric: boolean;
}

/** Keys of an edit that are worth varying also where they are left out. */
const optional = ['during', 'where', 'branch'];
/** Varied as a whole as well as by their parts. */
const wholes = new Set(optional);

/** JSON pointers to all scalars of an experiment's edits, and to what may be varied as a whole. */
export function pointersOf(experiment: Node): Pointer[] {
  const found: Pointer[] = [];
  const add = ({ node }: Place, pointer: string): void => { found.push({ pointer, now: getNodeValue(node), numeric: node.type === 'number' }); };
  const walk = (place: Place, pointer: string): void => {
    if (place.node.type === 'object') for (const entry of entriesOf(place)) walk(entry, `${pointer}/${escapePart(entry.key)}`);
    else if (place.node.type === 'array') itemsOf(place).forEach((item, index) => { walk(item, `${pointer}/${index}`); });
    else add(place, pointer);
  };
  itemsOf(valueOf({ node: experiment, path: [] }, 'edits')).forEach((edit, index) => {
    for (const entry of entriesOf(edit)) {
      const pointer = `/edits/${index}/${escapePart(entry.key)}`;
      if (wholes.has(entry.key) && (entry.node.type === 'object' || entry.node.type === 'array')) add(entry, pointer);
      walk(entry, pointer);
    }
    const present = new Set(entriesOf(edit).map(({ key }) => key));
    for (const key of optional) if (!present.has(key)) found.push({ pointer: `/edits/${index}/${key}`, now: undefined, numeric: false });
  });
  return found;
}

/** A key within a JSON pointer (RFC 6901). */
function escapePart(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
