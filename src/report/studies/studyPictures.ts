import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readFileBytes } from '../../base/fileBytes.ts';
import { pngSize } from '../../base/pngSize.ts';
import { encodePng } from '../../diffusion/png.ts';
import { areaAverage } from '../../spec/areaAverage.ts';
import type { StoredStudies } from '../../study/readStudies.ts';
import type { ExperimentOutcome } from '../../study/outcome.ts';
import { html } from '../html.ts';
import type { Html } from '../html.ts';
import { dataUri } from '../mapPicture.ts';
import { mostPairs, mostTiles, runName } from './studyPage.ts';

/** Pictures in a page: more make it heavy, and nobody looks at them. */
const mostPictures = 400;
/** Larger pictures are made smaller: none is drawn larger. */
const longestSide = 192;
/** What claims to be larger was not written by a run. */
const largestSide = 4096;
const maxBytes = 64 * 2 ** 20;

/** Names of the runs whose pictures are shown and still stored. @param runsFolder the folder of all runs of the spec */
export async function shownRuns(studies: StoredStudies, runsFolder: string): Promise<string[]> {
  const pairs = ({ baseline, edited }: ExperimentOutcome, most: number): unknown[] => [...baseline.slice(0, most), ...edited.slice(0, most)].map(({ folder }) => runName(folder));
  const names = new Set([
    ...studies.experiments.flatMap(({ outcome }) => (outcome === undefined ? [] : pairs(outcome, mostPairs))),
    ...studies.sweeps.flatMap(({ outcome }) => outcome?.cells.slice(0, mostTiles).flatMap((cell) => pairs(cell.outcome, 1)) ?? []),
  ]);
  const wanted = [...names].filter((name) => typeof name === 'string').slice(0, mostPictures);
  const found = await Promise.all(wanted.map((name) => stat(join(runsFolder, name, 'image.png')).then(() => true, () => false)));
  return wanted.filter((_, index) => found[index]);
}

/** The finished pictures of runs, no larger than a page shows them; what cannot be read is left out. */
export async function readStudyPictures(names: readonly string[], runsFolder: string): Promise<Map<string, Uint8Array>> {
  const pictures = new Map<string, Uint8Array>();
  for (const name of names) {
    const picture = await readSmall(join(runsFolder, name, 'image.png')).catch(() => undefined); // one picture less is no reason for no report
    if (picture !== undefined) pictures.set(name, picture);
  }
  return pictures;
}

/** Every picture once; `studyPicture` refers to them. */
export function studyPictureStore(pictures: ReadonlyMap<string, Uint8Array>): Html {
  return html`<svg width="0" height="0" aria-hidden="true"><defs>${[...pictures].map(([name, png]) => html`<image id="run-${name}" width="1" height="1" href="${dataUri(png)}"/>`)}</defs></svg>`;
}

/** A picture of the store; undefined where it has none of that run. */
export function studyPicture(folder: string | null | undefined, pictures: ReadonlyMap<string, Uint8Array>): Html | undefined {
  const name = runName(folder);
  return name !== undefined && pictures.has(name) ? html`<svg viewBox="0 0 1 1" aria-hidden="true"><use href="#run-${name}"/></svg>` : undefined;
}

async function readSmall(path: string): Promise<Uint8Array | undefined> {
  const bytes = await readFileBytes(path, maxBytes);
  const size = pngSize(bytes);
  if (size === undefined || Math.max(size.width, size.height) > largestSide) return undefined;
  const scale = longestSide / Math.max(size.width, size.height);
  if (scale >= 1) return bytes;
  const { decode } = await import('fast-png');
  const { width, height, data, channels, depth } = decode(bytes);
  if (channels !== 3 || depth !== 8) return undefined;
  const small = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  const shrunk = new Uint8Array(small.width * small.height * 3);
  for (let channel = 0; channel < 3; channel++) {
    const plane = Float32Array.from({ length: width * height }, (_, pixel) => data[pixel * 3 + channel]);
    areaAverage({ width, height, data: plane }, small.height, small.width).forEach((value, pixel) => { shrunk[pixel * 3 + channel] = Math.round(value); });
  }
  return await encodePng({ ...small, data: shrunk });
}
