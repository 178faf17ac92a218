import type { ConceptLabel, LabelsFile } from '../labels.ts';
import { score } from './bestLabel.ts';

/** Share of a label's pictures in which a concept must be active for the label to have it as a concept of its own. */
const ownShare = 0.5;

interface Bearer extends ConceptLabel {
  readonly site: string;
  readonly id: string;
}

/**
 * Which things, colours, backgrounds and styles have a concept of their own, where and from which step on, and which have none, as Markdown.
 * @param files of all sites of one model
 */
export function labelCard(files: readonly LabelsFile[]): string {
  const [{ vocabulary, images, sample }] = files;
  const bearers = files.flatMap(({ site, concepts }) =>
    Object.entries(concepts).flatMap(([id, { labels }]) => labels.map((label): Bearer => ({ ...label, site, id }))));
  const sections = [['Things', vocabulary.things], ['Colours', vocabulary.colours], ['Backgrounds', vocabulary.backgrounds], ['Styles', vocabulary.styles]] as const;
  const sum = (pick: (file: LabelsFile) => number): number => files.reduce((total, file) => total + pick(file), 0);
  const kinds = ['mask', 'part', 'attribute'] as const;
  return [
    `Measured on ${images} pictures of ${sample.steps} steps. A thing or a colour has a concept of its *own* when the concept's cells overlap the judge's`,
    'mask with a mean IoU > 0.5, a background or a style when the concept\'s strength tells it with an AUROC >= 0.9, each in at least half of the',
    'pictures of which the word is true. A concept is a *part* of a thing or colour when more than half of its cells lie inside the mask. `n/of`:',
    'pictures in which both are there / in which the word is true; the best concept has the greatest product of',
    'measure and `n/of`, the earliest of equals. The exact definitions stand in each `dmi-labels.json`.',
    '',
    '| labels given | by mask | as part | by attribute |',
    '|---|---|---|---|',
    `| found | ${kinds.map((kind) => sum(({ given }) => given[kind])).join(' | ')} |`,
    `| by the same rules with the labels of other pictures | ${kinds.map((kind) => sum(({ givenByChance }) => givenByChance[kind])).join(' | ')} |`,
    ...(files.every(({ halves }) => halves !== undefined) ? [`| given by half of the pictures / of these, given again by the other half | ${kinds.map((kind) => `${sum(({ halves }) => halves?.[kind].given ?? 0)} / ${sum(({ halves }) => halves?.[kind].again ?? 0)}`).join(' | ')} |`] : []),
    '',
    ...sections.flatMap(([title, words]) => section(title, words, bearers)),
    '### Context-free',
    '',
    'Concepts with the same strength and place in every picture, whatever the prompt:',
    `${files.map(({ site, concepts }) => `${site} ${Object.values(concepts).filter(({ contextFree }) => contextFree).length}`).join(', ')}.`,
    '',
  ].join('\n');
}

function section(title: string, words: readonly string[], bearers: readonly Bearer[]): string[] {
  return [
    `### ${title}`,
    '',
    '| word | best concept | site | measure | n/of | steps | from step | own concepts | parts |',
    '|---|---|---|---|---|---|---|---|---|',
    ...words.map((word) => row(word, bearers.filter(({ label, kind }) => label === word && kind !== 'place'))),
    '',
  ];
}

function row(word: string, bearers: readonly Bearer[]): string {
  const own = bearers.filter(({ kind, n, of }) => kind !== 'part' && n >= ownShare * of);
  const parts = bearers.filter(({ kind }) => kind === 'part');
  const weight = (bearer: Bearer): number => score(bearer) * bearer.n / bearer.of;
  const best = [...(own.length > 0 ? own : parts)].sort((a, b) => weight(b) - weight(a) || stepOf(a) - stepOf(b)).at(0);
  if (best === undefined) return `| ${word} | none | | | | | | 0 | 0 |`;
  const first = Math.min(...bearers.filter((other) => name(other) === name(best)).map(stepOf));
  return [
    '', word, best.id, best.site, `${measureNames[best.kind]} ${score(best).toFixed(2)}`, `${best.n}/${best.of}`, best.steps,
    first === never ? 'none alone' : first, new Set(own.map(name)).size, new Set(parts.map(name)).size, '',
  ].join(' | ').trim();
}

const measureNames = { mask: 'IoU', part: 'inside', attribute: 'AUROC', place: 'inside' } as const;

/** Later than any step. */
const never = Number.MAX_SAFE_INTEGER;

function stepOf({ firstStep }: Bearer): number {
  return firstStep ?? never;
}

function name({ site, id }: Bearer): string {
  return `${site} ${id}`;
}
