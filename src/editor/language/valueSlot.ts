import { createScanner } from 'jsonc-parser';

/** The stretch of text that a completed value or member takes. */
export interface Slot {
  readonly offset: number;
  readonly length: number;
  /** Something follows that must be parted from it. */
  readonly comma: boolean;
}

/** Values of jsonc-parser's `SyntaxKind`, an enum that exists only while it compiles: null, true, false, a text, a number, a word. */
const values: ReadonlySet<number> = new Set([7, 8, 9, 10, 11, 16]);
/** } ] , and the end. */
const followers: ReadonlySet<number> = new Set([2, 4, 5, 17]);
const endOfFile = 17;
/** Of its `ScanError`. */
const unclosedText = 2;

/** What is being written at `offset`: the text, number or word around or before it, or nothing yet. */
export function valueSlot(text: string, offset: number): Slot {
  const scanner = createScanner(text, true);
  let slot = { offset, length: 0 };
  let kind: number = scanner.scan();
  for (; kind !== endOfFile && scanner.getTokenOffset() <= offset; kind = scanner.scan()) {
    const start = scanner.getTokenOffset();
    if (start === offset && !values.has(kind)) break;
    const end = start + scanner.getTokenLength();
    if (!values.has(kind) || end < offset) continue;
    // A text without its closing quote runs to the end of the line: what stands behind the cursor is not part of it.
    const open = (scanner.getTokenError() as number) === unclosedText;
    slot = { offset: start, length: (open ? offset : end) - start };
    if (open) scanner.setPosition(offset);
  }
  return { ...slot, comma: !followers.has(kind) };
}
