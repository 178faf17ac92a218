import type { ConceptLabel } from '../labels.ts';

/** Of labels this close in IoU the one with more words is the better name: `red house` rather than `house`. */
const closeIou = 0.05;

/**
 * The words that say best what a concept means: a mask's label before a word for whole pictures, and with it the place it keeps to.
 * @returns null without labels
 */
export function bestLabel(labels: readonly ConceptLabel[]): string | null {
  const masks = labels.filter(({ kind }) => kind === 'mask');
  const highest = Math.max(...masks.map(score));
  const close = masks.filter((label) => score(label) >= highest - closeIou);
  const attributes = labels.filter(({ kind }) => kind === 'attribute');
  const meaning = strongest(close.filter(({ label }) => words(label) === Math.max(...close.map((other) => words(other.label))))) ?? strongest(attributes);
  const place = strongest(labels.filter(({ kind }) => kind === 'place'));
  const parts = [meaning, place].flatMap((part) => (part === undefined ? [] : [part.label]));
  return parts.length === 0 ? null : parts.join(', ');
}

/** A label's measure, whatever its kind. */
export function score({ iou, auroc, share }: ConceptLabel): number {
  return iou ?? auroc ?? share ?? 0;
}

function strongest(labels: readonly ConceptLabel[]): ConceptLabel | undefined {
  return [...labels].sort((a, b) => score(b) - score(a)).at(0);
}

function words(label: string): number {
  return label.split(' ').length;
}
