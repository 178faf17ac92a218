import { CompletionItem, CompletionItemKind, l10n, MarkdownString, SnippetString, type Position, type TextDocument } from 'vscode';
import type { SpecDocuments } from '../services.ts';
import { conceptCompletions, type Suggestion } from './conceptCompletions.ts';
import { partSnippets, type PartSnippet } from './partSnippets.ts';
import { rangeOf } from './ranges.ts';

/** Completion that a schema cannot give, since it depends on the place: concepts of an edit's own site, and parts to start from. */
export function completionProvider(specs: SpecDocuments) {
  async function provideCompletionItems(document: TextDocument, position: Position): Promise<CompletionItem[]> {
    const { version } = document;
    const { tree } = specs.of(document).parsed;
    const facts = await specs.factsOf(document);
    if (document.version !== version) return [];
    const text = document.getText();
    const offset = document.offsetAt(position);
    const concepts = facts && conceptCompletions(text, offset, tree, facts, l10n.t);
    if (concepts !== undefined) return concepts.items.map((item) => conceptItem(item, document, concepts.slot));
    const snippets = partSnippets(text, offset, tree, facts, l10n.t);
    return snippets?.items.map((item) => snippetItem(item, document, snippets.slot)) ?? [];
  }
  return { provideCompletionItems };
}

function conceptItem({ label, brief, detail, kind, filterText, sortText, insertText }: Suggestion, document: TextDocument, slot: { offset: number; length: number }): CompletionItem {
  const item = new CompletionItem({ label, description: brief }, kind === 'label' ? CompletionItemKind.EnumMember : CompletionItemKind.Value);
  return Object.assign(item, { detail, filterText, sortText, insertText, range: rangeOf(document, slot) });
}

function snippetItem({ label, detail, filterText, snippet }: PartSnippet, document: TextDocument, slot: { offset: number; length: number }): CompletionItem {
  const item = new CompletionItem(label, CompletionItemKind.Snippet);
  // Behind the keys that the schema offers.
  const sortText = `~${label}`;
  const documentation = new MarkdownString().appendCodeblock(snippet.replace(/\$\{\d+[:|]([^}|]*)[^}]*\}/g, '$1').replaceAll('\t', '  '), 'jsonc');
  return Object.assign(item, { detail, documentation, filterText, sortText, insertText: new SnippetString(snippet), range: rangeOf(document, slot) });
}
