import { DocumentSymbol, SymbolKind, type TextDocument } from 'vscode';
import type { SpecDocuments } from '../services.ts';
import { rangeOf } from './ranges.ts';
import { specSymbols, type SpecSymbol } from './specSymbols.ts';

const kinds: Readonly<Record<SpecSymbol['kind'], SymbolKind>> = {
  section: SymbolKind.Module, sample: SymbolKind.Object, experiment: SymbolKind.Class, sweep: SymbolKind.Enum, search: SymbolKind.Function, study: SymbolKind.Interface,
  edit: SymbolKind.Method,
};

/** The outline of a spec: its parts by name. */
export function symbolProvider(specs: SpecDocuments) {
  function symbol(document: TextDocument, { name, detail, kind, range, selection, children }: SpecSymbol): DocumentSymbol {
    const made = new DocumentSymbol(name, detail, kinds[kind], rangeOf(document, range), rangeOf(document, selection));
    made.children = children.map((child) => symbol(document, child));
    return made;
  }
  function provideDocumentSymbols(document: TextDocument): DocumentSymbol[] {
    const { tree } = specs.of(document).parsed;
    return tree === undefined ? [] : specSymbols(tree).map((one) => symbol(document, one));
  }
  return { provideDocumentSymbols };
}
