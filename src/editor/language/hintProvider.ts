import { InlayHint, l10n, type Range, type TextDocument } from 'vscode';
import { findMentions } from '../../spec/mentions.ts';
import type { SpecDocuments } from '../services.ts';
import { conceptHints } from './conceptHints.ts';

/** Inlay hints: the label behind a concept's number, the numbers behind a label. */
export function hintProvider(specs: SpecDocuments) {
  async function provideInlayHints(document: TextDocument, range: Range): Promise<InlayHint[]> {
    const { version } = document;
    const { tree } = specs.of(document).parsed;
    const facts = await specs.factsOf(document);
    if (tree === undefined || facts === undefined || document.version !== version) return [];
    return conceptHints(findMentions(tree), facts, l10n.t).flatMap(({ offset, text, tooltip }) => {
      const position = document.positionAt(offset);
      if (!range.contains(position)) return [];
      return [Object.assign(new InlayHint(position, text), { paddingLeft: true, tooltip })];
    });
  }
  return { provideInlayHints };
}
