import { basename } from 'node:path';
import type { StoredStudies } from '../../study/readStudies.ts';
import type { ConceptNames } from './conceptNames.ts';

/** What the sections about experiments and sweeps are made of. */
export interface StudyPage extends StoredStudies {
  /** PNG files of runs, by `runName`: those that are still stored, and no more than a page holds. */
  readonly pictures: ReadonlyMap<string, Uint8Array>;
  readonly names: ConceptNames;
}

/** Seeds of an experiment whose pictures stand side by side. */
export const mostPairs = 4;
/** Variants of a sweep that stand in a map. */
export const mostTiles = 96;
/** Rows of axes beyond two: maps of one sweep. */
export const mostSlices = 4;

/** The name of a run's folder; undefined where it is none of ours, so that an outcome from others leads nowhere else. */
export function runName(folder: string | null | undefined): string | undefined {
  const name = basename((folder ?? '').replaceAll('\\', '/'));
  return /^[0-9a-f]{32}$/.test(name) ? name : undefined;
}
