import type { LocationLink, Position, TextDocument } from 'vscode';
import type { SpecDocuments } from '../services.ts';
import { definitionAt } from './definitionAt.ts';
import { rangeOf } from './ranges.ts';

/** From `of` to the experiment, and from a JSON pointer to the value in it. */
export function definitionProvider(specs: SpecDocuments) {
  function provideDefinition(document: TextDocument, position: Position): LocationLink[] {
    const { tree } = specs.of(document).parsed;
    const found = tree && definitionAt(tree, document.offsetAt(position));
    return found === undefined ? [] : [{
      originSelectionRange: rangeOf(document, found.from), targetUri: document.uri,
      targetRange: rangeOf(document, found.to).union(rangeOf(document, found.name)), targetSelectionRange: rangeOf(document, found.name),
    }];
  }
  return { provideDefinition };
}
