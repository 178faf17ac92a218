import { sparkline } from '../../report/sparkline.ts';
import { score } from '../../concepts/labelling/bestLabel.ts';
import type { ConceptLabel } from '../../concepts/labels.ts';
import type { Translate } from '../translate.ts';
import type { ConceptRow } from './conceptRows.ts';
import { escapeMarkdown } from './escapeMarkdown.ts';
import { percent, short } from './numbers.ts';

/** A concept's course in a stored run. */
export interface ConceptCourse {
  readonly site: string;
  readonly id: number;
  readonly seed: number;
  /** [recorded steps]: γ. */
  readonly gamma: Float32Array;
  /** Steps; null where there is no such mark. */
  readonly onset: number | null;
  readonly peak: number | null;
  readonly settle: number | null;
  /** The map at its peak as a data URI, where the concept was active. */
  readonly picture: string | undefined;
  /** Pixels across and down. */
  readonly size: readonly [width: number, height: number];
}

/** Rows of a hover; a label can stand for dozens of concepts. */
export const mostRows = 4;
const curveWidth = 30;

/**
 * What is known of a concept, as Markdown: its numbers and what its label rests on, and its course in the stored runs of the spec.
 * @param title as the spec names it. @param rows at least one
 */
export function conceptHover(title: string, rows: readonly ConceptRow[], courses: readonly ConceptCourse[], t: Translate): string {
  const shown = rows.slice(0, mostRows);
  const [{ sae: { site, n } }] = shown;
  const sites = new Set(rows.map(({ sae }) => sae)).size > 1;
  const count = sites ? t('{0} concepts', rows.length) : rows.length > 1 ? t('{0} concepts at {1}', rows.length, site) : site;
  const columns = [t('concept'), ...(sites ? [t('site')] : []), t('mean'), t('active in'), t('what its label rests on')];
  const table = [
    `| ${columns.map(escapeMarkdown).join(' | ')} |`,
    `|:---|${sites ? ':---|' : ''}---:|---:|:---|`,
    ...shown.map((row) => `| ${cells(row, title, sites, t).join(' | ')} |`),
  ].join('\n');
  const more = rows.length > shown.length ? [escapeMarkdown(t('{0} more', rows.length - shown.length))] : [];
  const scale = escapeMarkdown(t('mean: activation where it is active, the unit "mean". active in: share of the cells in training. SAE of {0} concepts.', n));
  return [`**${escapeMarkdown(title)}** · ${escapeMarkdown(count)}`, table, ...more, ...courseParts(courses, t), scale].join('\n\n');
}

function cells({ sae, id }: ConceptRow, title: string, withSite: boolean, t: Translate): string[] {
  const label = sae.labels.get(id);
  const best = [...sae.evidence.get(id) ?? []].sort((a, b) => relevance(b, title) - relevance(a, title)).at(0);
  const evidence = [...(best === undefined ? [] : [describeEvidence(best, t)]), ...(sae.contextFree.has(id) ? [t('same in every picture')] : [])];
  return [
    `${id}${label === undefined ? '' : ` ${escapeMarkdown(label)}`}`, ...(withSite ? [escapeMarkdown(sae.site)] : []),
    escapeMarkdown(short(sae.mean[id])), escapeMarkdown(percent(sae.density[id])), evidence.map(escapeMarkdown).join('; ') || '–',
  ];
}

/** What the label asked for rests on comes first, then what is surest. */
function relevance(row: ConceptLabel, title: string): number {
  return score(row) + (row.label === title ? 2 : 0);
}

/** e.g. `covers “house”: IoU 0.61, 22 of 150 pictures, late`. */
function describeEvidence(row: ConceptLabel, t: Translate): string {
  const { kind, label, n, of, steps } = row;
  const value = score(row);
  const stretch = { early: t('early'), middle: t('middle'), late: t('late') }[steps];
  const pictures = t('{0} of {1} pictures, {2}', n, of, stretch);
  switch (kind) {
    case 'mask': return t('covers “{0}”: IoU {1}; {2}', label, short(value), pictures);
    case 'part': return t('lies inside “{0}”: {1} of it; {2}', label, percent(value), pictures);
    case 'attribute': return t('tells “{0}”: AUROC {1}; {2}', label, short(value), pictures);
    case 'place': return t('keeps to “{0}”: {1} of it; {2}', label, percent(value), pictures);
  }
}

/** The courses, one concept after the other, and below them the maps side by side. */
function courseParts(courses: readonly ConceptCourse[], t: Translate): string[] {
  if (courses.length === 0) return [];
  const lines = courses.map(({ id, seed, gamma, onset, peak, settle }) => {
    const name = escapeMarkdown(t('{0}, seed {1}', id, seed));
    if (onset === null) return `${name} ${escapeMarkdown(t('not active'))}`;
    const marks = [[t('appears'), onset], [t('peak'), peak], [t('settles'), settle]].map(([name, step]) => `${String(name)} ${step === null ? '–' : String(step)}`);
    const curve = sparkline(gamma, curveWidth).replaceAll(' ', '\u00A0'); // which Markdown would take away at both ends
    return `${name} \`${curve}\` ${escapeMarkdown(marks.join(' · '))}`;
  });
  const pictures = courses.flatMap(({ id, seed, picture, size: [width, height] }) => (picture === undefined ? []
    : [`![${escapeMarkdown(t('{0}, seed {1}', id, seed))}](${picture}|width=${width},height=${height})`]));
  return [
    `**${escapeMarkdown(t('In the last run'))}**`, lines.join('  \n'),
    ...(pictures.length === 0 ? [] : [`${escapeMarkdown(t('Where, at its peak:'))} ${pictures.join(' ')}`]),
  ];
}
