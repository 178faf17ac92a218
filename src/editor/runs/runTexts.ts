import { basename } from 'node:path';
import type { Damage, DamagedRun, RunSummary } from '../../experiment/readRunFolder.ts';
import type { Question } from '../../experiment/runCatalogue.ts';
import type { Translate } from '../translate.ts';
import { computedText } from '../../experiment/provider/computedText.ts';
import { byteSize } from '../../base/byteSize.ts';
import { oneLine } from './oneLine.ts';
import { seedRanges } from './seedRanges.ts';
import { timeAgo } from './timeAgo.ts';

/** What a row of the view says. */
export interface RowText {
  readonly label: string;
  /** Fainter, beside it. */
  readonly description: string;
  /** The whole row as it is read aloud. */
  readonly spoken: string;
}

/** In which language, and when, something is said. */
export interface Speech {
  readonly t: Translate;
  readonly language: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const longestLabel = 80;

/** @param byPrompt the run stands for its question; else it stands below that and is told by its seed */
export function runText({ definition: { sample }, finishedAt, timings }: RunSummary, byPrompt: boolean, { t, language, now }: Speech): RowText {
  const prompt = oneLine(sample.prompt, longestLabel);
  const seed = t('seed {0}', sample.seed);
  const steps = t('{0} steps', sample.steps);
  const ago = timeAgo(finishedAt.getTime(), now, language, t);
  return {
    label: byPrompt ? prompt : seed,
    description: (byPrompt ? [seed, steps, ago] : [t('{0} s', (timings.totalMs / 1000).toFixed(1)), ago]).join(' · '),
    spoken: t('Run of "{0}", seed {1}, {2} steps, {3}', prompt, sample.seed, sample.steps, ago),
  };
}

export function questionText({ runs }: Question, { t, language, now }: Speech): RowText {
  const [{ definition: { sample }, finishedAt }] = runs;
  const prompt = oneLine(sample.prompt, longestLabel);
  const seeds = seedRanges(runs.map(({ definition }) => definition.sample.seed));
  const ago = timeAgo(finishedAt.getTime(), now, language, t);
  return {
    label: prompt,
    description: [t('seeds {0}', seeds), t('{0} steps', sample.steps), ago].join(' · '),
    spoken: t('{0} runs of "{1}", seeds {2}, {3} steps, the last {4}', runs.length, prompt, seeds, sample.steps, ago),
  };
}

export function damagedText({ folder, damage }: DamagedRun, { t }: Speech): RowText {
  const name = basename(folder).slice(0, 8);
  const why = describeDamage(damage, t);
  return { label: name, description: why, spoken: t('Damaged run {0}: {1}', name, why) };
}

/** Why a folder is no run, in a few words. */
export function describeDamage(damage: Damage, t: Translate): string {
  switch (damage) {
    case 'no manifest': return t('run.json is missing');
    case 'malformed manifest': return t('run.json is not that of a run');
    case 'altered manifest': return t('run.json was altered');
    case 'incomplete': return t('files are missing or cut');
  }
}

/** What is worth knowing of a run besides its prompt, as pairs of name and value. */
export function runFacts({ folder, definition: { sample, trace, saes, engine }, sources, timings, computed, finishedAt, bytes }: RunSummary, { t, language }: Speech): [name: string, value: string][] {
  return [
    [t('Seed'), `${sample.seed}`],
    ...(sample.negativePrompt === '' ? [] : [[t('Negative prompt'), oneLine(sample.negativePrompt, 200)] as [string, string]]),
    [t('Model'), oneLine(basename(sources.model), longestLabel)],
    [t('Sampler'), `${sample.scheduler} ${sample.steps} · cfg ${sample.guidanceScale}`],
    [t('Sites'), `${Object.keys(saes).length} · ${trace.branch}`],
    [t('Recorded'), t('{0} of {1} steps', trace.steps.length, sample.steps)],
    [t('Time'), t('{0} s, of which {1} s in the U-Net', (timings.totalMs / 1000).toFixed(1), (timings.unetMs / 1000).toFixed(1))],
    ...(computed === undefined ? [] : [[t('Computed by'), oneLine(computedText(computed), 400)] as [string, string]]),
    [t('Finished'), new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(finishedAt)],
    [t('Size'), byteSize(bytes, language)],
    [t('Run'), `${basename(folder).slice(0, 12)} · DMI Lens ${oneLine(engine, 20)}`],
  ];
}
