import { Range, type TextDocument } from 'vscode';

/** A stretch of text as lines and columns. */
export function rangeOf(document: TextDocument, { offset, length }: { readonly offset: number; readonly length: number }): Range {
  return new Range(document.positionAt(offset), document.positionAt(offset + length));
}
