import { join } from 'node:path';
import type { ExperimentOutcome } from '../../study/outcome.ts';
import { escapeMarkdown } from '../language/escapeMarkdown.ts';
import type { Translate } from '../translate.ts';

/** One expectation that did not hold, for people. */
export interface Failure {
  readonly measure: string;
  /** Markdown: what was measured, what was expected, the controls beside it, and the pictures. */
  readonly text: string;
}

/**
 * What did not hold, each with its reason.
 * @param pictureUri of a file on the disk, as Markdown names it; undefined where it must not be shown
 */
export function failuresOf({ expectations, measures, seeds, baseline, edited }: ExperimentOutcome, pictureUri: (path: string) => string | undefined, t: Translate): Failure[] {
  const index = edited.findIndex(({ folder }) => folder !== null);
  const pictures = [[t('unedited'), baseline[index]?.folder], [t('edited'), edited[index]?.folder]].flatMap(([name, folder]) => {
    const uri = typeof folder === 'string' ? pictureUri(join(folder, 'image.png')) : undefined;
    return uri === undefined ? [] : [`![${String(name)}](${uri})`];
  });
  return expectations.filter(({ passed }) => !passed).map(({ measure, reason }) => ({
    measure,
    text: [
      `**${escapeMarkdown(measure)}**: ${escapeMarkdown(reason)}`,
      ...controlLines(measures[measure], t),
      ...(pictures.length === 0 ? [] : [`${t('Seed {0}, unedited and edited:', seeds[index])}\n\n${pictures.join(' ')}`]),
    ].join('\n\n'),
  }));
}

function controlLines(measured: ExperimentOutcome['measures'][string] | undefined, t: Translate): string[] {
  const controls = Object.entries(measured?.controls ?? {}).flatMap(([name, { value, n }]) => (value === null ? [] : [`${escapeMarkdown(name)} ${Number(value.toPrecision(3))} (n = ${n})`]));
  return controls.length === 0 ? [] : [t('Controls: {0}', controls.join(', '))];
}
