import type { ConceptLabel } from '../labels.ts';

/** Of labels this close in score the one with more words is the better name: `red house` rather than `house`. */
const closeScore = 0.05;

/**
 * The words that say best what a concept means: a label it covers, else a word for whole pictures, else what it is a part of; and with
 * them the place it keeps to.
 * @returns null without labels
 */
export function bestLabel(labels: readonly ConceptLabel[]): string | null {
  const of = (kind: ConceptLabel['kind']): ConceptLabel[] => labels.filter((label) => label.kind === kind);
  const part = mostExact(of('part'));
  const meaning = mostExact(of('mask')) ?? strongest(of('attribute'))?.label ?? (part && `part of ${part}`);
  const place = mostExact(of('place'));
  const parts = [meaning, place].filter((words) => words !== undefined);
  return parts.length === 0 ? null : parts.join(', ');
}

/** Of the labels that fit about as well as the best one, that with the most words. */
function mostExact(labels: readonly ConceptLabel[]): string | undefined {
  const highest = Math.max(...labels.map(score));
  const close = labels.filter((label) => score(label) >= highest - closeScore);
  const most = Math.max(...close.map(({ label }) => wordsIn(label)));
  return strongest(close.filter(({ label }) => wordsIn(label) === most))?.label;
}

/** A label's measure, whatever its kind. */
export function score({ iou, inside, auroc }: ConceptLabel): number {
  return iou ?? inside ?? auroc ?? 0;
}

function strongest(labels: readonly ConceptLabel[]): ConceptLabel | undefined {
  return [...labels].sort((a, b) => score(b) - score(a)).at(0);
}

function wordsIn(label: string): number {
  return label.split(/[ -]/).length;
}
