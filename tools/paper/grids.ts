import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PictureGrid } from './report.ts';
import { windowNames } from './samples.ts';
import type { Sample } from './samples.ts';

/** One grid per noun: the unedited picture, then each quadrant, window by window; of the first seed, whatever came of it. */
export async function placingGrids(samples: readonly Sample[]): Promise<PictureGrid[]> {
  const grids: PictureGrid[] = [];
  for (const word of [...new Set(samples.map((sample) => sample.word))]) {
    const own = firstSeed(samples.filter((sample) => sample.word === word));
    const quadrants = [...new Set(own.map(({ where }) => where))];
    grids.push({
      title: `The ${word}, sent to each quadrant`,
      caption: `“${own[0]?.prompt ?? ''}”, seed ${own[0]?.seed ?? ''}, every edit at add ${own[0]?.amount ?? ''}.`,
      columns: ['unedited', ...quadrants],
      rows: await Promise.all(windowNames.map(async (window) => {
        const row = quadrants.map((where) => own.find((sample) => sample.window === window && sample.where === where));
        return { name: window, pictures: await Promise.all([pictureIn(own[0]?.baselineFolder), ...row.map((sample) => pictureIn(sample?.folder))]) };
      })),
    });
  }
  return grids;
}

/** One grid per style: rows are sites and strengths; of the first seed. */
export async function stylingGrids(samples: readonly Sample[]): Promise<PictureGrid[]> {
  const grids: PictureGrid[] = [];
  for (const word of [...new Set(samples.map((sample) => sample.word))]) {
    const own = firstSeed(samples.filter((sample) => sample.word === word));
    const settings = [...new Map(own.map(({ site, amount }) => [`${site}, add ${amount}`, { site, amount }]))].sort(([, a], [, b]) => a.site.localeCompare(b.site) || a.amount - b.amount);
    grids.push({
      title: `“${word}”, added everywhere`,
      caption: `“${own[0]?.prompt ?? ''}”, seed ${own[0]?.seed ?? ''}.`,
      columns: ['unedited', ...windowNames],
      rows: await Promise.all(settings.map(async ([name, { site, amount }]) => {
        const row = windowNames.map((window) => own.find((sample) => sample.window === window && sample.site === site && sample.amount === amount));
        return { name, pictures: await Promise.all([pictureIn(own[0]?.baselineFolder), ...row.map((sample) => pictureIn(sample?.folder))]) };
      })),
    });
  }
  return grids;
}

function firstSeed(samples: readonly Sample[]): Sample[] {
  const seed = Math.min(...samples.map((sample) => sample.seed));
  return samples.filter((sample) => sample.seed === seed);
}

async function pictureIn(folder: string | null | undefined): Promise<Uint8Array | undefined> {
  return folder === null || folder === undefined ? undefined : await readFile(join(folder, 'image.png'));
}
