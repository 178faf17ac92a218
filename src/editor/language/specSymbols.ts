import type { Node } from 'jsonc-parser';
import { oneLine } from '../../spec/fix.ts';
import { getNodeValue } from 'jsonc-parser';
import { entriesOf, itemsOf, textOf, top, valueOf, type Entry, type Place } from '../../spec/place.ts';

/** An entry of the outline. */
export interface SpecSymbol {
  readonly name: string;
  readonly detail: string;
  readonly kind: 'section' | 'experiment' | 'sweep' | 'search' | 'study' | 'edit' | 'sample';
  readonly range: { readonly offset: number; readonly length: number };
  /** Of the name. */
  readonly selection: { readonly offset: number; readonly length: number };
  readonly children: readonly SpecSymbol[];
}

/** The parts of a spec by the names that people gave them. @param tree of any document */
export function specSymbols(tree: Node): SpecSymbol[] {
  const spec = top(tree);
  const sample = entriesOf(spec).find(({ key }) => key === 'sample');
  const section = (key: string, kind: SpecSymbol['kind'], detailOf: (entry: Entry) => string, childrenOf: (entry: Entry) => SpecSymbol[] = () => []): SpecSymbol[] => {
    const found = entriesOf(spec).find((entry) => entry.key === key);
    if (found === undefined) return [];
    const children = entriesOf(found).map((entry) => symbol(entry, kind, detailOf(entry), childrenOf(entry)));
    return [symbol(found, 'section', '', children)];
  };
  const about = (entry: Entry): string => textOf(valueOf(entry, 'of')) ?? '';
  return [
    ...(sample === undefined ? [] : [symbol(sample, 'sample', textOf(valueOf(sample, 'prompt')) ?? '', [])]),
    ...section('experiments', 'experiment', (entry) => textOf(valueOf(entry, 'why')) ?? '', (entry) => itemsOf(valueOf(entry, 'edits')).map(editSymbol)),
    ...section('sweeps', 'sweep', about),
    ...section('searches', 'search', about),
    ...section('studies', 'study', (entry) => textOf(valueOf(entry, 'kind')) ?? ''),
  ];
}

function symbol({ key, keyNode, node }: Entry, kind: SpecSymbol['kind'], detail: string, children: readonly SpecSymbol[]): SpecSymbol {
  const { offset, length } = keyNode;
  return { name: key === '' ? '""' : key, detail, kind, range: { offset, length: node.offset + node.length - offset }, selection: { offset, length }, children };
}

/** `house add 6`, and where and when. */
function editSymbol(edit: Place): SpecSymbol {
  const shown = (key: string): string[] => {
    const value = valueOf(edit, key);
    return value === undefined ? [] : [textOf(value) ?? oneLine(getNodeValue(value.node))];
  };
  const action = ['add', 'scale', 'set', 'ablate'].flatMap((key) => shown(key).map((value) => (key === 'ablate' ? key : `${key} ${value}`)));
  const { offset, length } = edit.node;
  return {
    name: [...shown('concept'), ...action].join(' ') || String(edit.path.at(-1)), kind: 'edit', detail: [...shown('where'), ...shown('during'), ...shown('site')].join(' · '),
    range: { offset, length }, selection: { offset, length }, children: [],
  };
}
