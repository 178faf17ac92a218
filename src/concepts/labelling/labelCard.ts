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
  return [
    `Measured on ${images} pictures of ${sample.steps} steps. A concept bears a thing or a colour when its cells overlap the judge's mask with a mean IoU > 0.5,`,
    'a background or a style when its strength tells it with an AUROC >= 0.9. It is the word\'s *own* when it is active in at least half of the',
    'pictures of which the word is true. `n/of`: pictures in which both are there / in which the word is true.',
    '',
    `Labels given: ${sum(({ given }) => given.mask)} by mask, ${sum(({ given }) => given.attribute)} by attribute; by the same rules with the labels of other pictures, that is by chance:`,
    `${sum(({ givenByChance }) => givenByChance.mask)} and ${sum(({ givenByChance }) => givenByChance.attribute)}.`,
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
    '| word | own concept | site | measure | n/of | steps | from step | bearers |',
    '|---|---|---|---|---|---|---|---|',
    ...words.map((word) => row(word, bearers.filter(({ label, kind }) => label === word && kind !== 'place'))),
    '',
  ];
}

function row(word: string, bearers: readonly Bearer[]): string {
  const own = bearers.filter(({ n, of }) => n >= ownShare * of).sort((a, b) => score(b) - score(a)).at(0);
  const count = new Set(bearers.map(({ site, id }) => `${site} ${id}`)).size;
  if (own === undefined) return `| ${word} | none | | | | | | ${count} |`;
  const measure = own.kind === 'mask' ? `IoU ${score(own).toFixed(2)}` : `AUROC ${score(own).toFixed(2)}`;
  const first = Math.min(...bearers.filter(({ site, id }) => site === own.site && id === own.id).map(({ firstStep }) => firstStep ?? Infinity));
  return `| ${word} | ${own.id} | ${own.site} | ${measure} | ${own.n}/${own.of} | ${own.steps} | ${Number.isFinite(first) ? first : 'none alone'} | ${count} |`;
}
