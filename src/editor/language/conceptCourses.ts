import { join } from 'node:path';
import { InputError } from '../../base/errors.ts';
import { timelineOf } from '../../concepts/timeline.ts';
import type { Branch } from '../../concepts/siteTrace.ts';
import { readConceptMaps } from '../../experiment/conceptMaps.ts';
import { conceptColours } from '../../report/ramp.ts';
import { dataUri, mapPicture } from '../../report/mapPicture.ts';
import type { ConceptCourse } from './conceptHover.ts';
import type { ConceptRow } from './conceptRows.ts';

/** A finished run. */
export interface RunPlace {
  readonly folder: string;
  readonly seed: number;
}

/** Courses that a hover shows, strongest first. */
const mostCourses = 3;
/** Width of a map in pixels, at most; cells are squares of whole pixels. */
const pictureWidth = 64;

/**
 * The courses of a mention's concepts in stored runs: of one concept in up to three runs, of several the strongest three in the first run.
 * A run whose trace cannot be read is passed over.
 */
export async function conceptCourses(rows: readonly ConceptRow[], runs: readonly RunPlace[], branch: Branch): Promise<ConceptCourse[]> {
  const several = rows.length > 1;
  const found = await Promise.all(runs.slice(0, several ? 1 : mostCourses).map((run) => coursesIn(run, rows, branch)));
  const courses = found.flat();
  return (several ? courses.sort((a, b) => b.strength - a.strength) : courses).slice(0, mostCourses).map(({ course }) => course);
}

async function coursesIn({ folder, seed }: RunPlace, rows: readonly ConceptRow[], branch: Branch): Promise<{ strength: number; course: ConceptCourse }[]> {
  const courses: { strength: number; course: ConceptCourse }[] = [];
  for (const sae of new Set(rows.map((row) => row.sae))) {
    const concepts = rows.filter((row) => row.sae === sae).map(({ id }) => id);
    const read = await readConceptMaps(join(folder, 'trace.safetensors'), { site: sae.site, branch, concepts }).catch((error: unknown) => {
      if (!(error instanceof InputError)) throw error;
      return undefined;
    });
    for (const [id, maps] of read?.maps ?? []) {
      if (read === undefined) break;
      const { steps, height, width } = read;
      const { gamma, onset, peak, settle } = timelineOf(maps, height, width, steps);
      const cells = height * width;
      const row = peak === null ? -1 : steps.indexOf(peak);
      const scale = Math.max(1, Math.floor(pictureWidth / width));
      const picture = row < 0 ? undefined : drawMap(maps.subarray(row * cells, (row + 1) * cells), height, width, scale);
      courses.push({
        strength: Math.max(0, ...gamma) / (sae.mean[id] > 0 ? sae.mean[id] : 1),
        course: { site: sae.site, id, seed, gamma, onset, peak, settle, picture, size: [width * scale, height * scale] },
      });
    }
  }
  return courses;
}

/** A map enlarged without smoothing, since what shows a hover would smooth it. */
function drawMap(map: Float32Array, height: number, width: number, scale: number): string {
  const pixels = Float32Array.from({ length: map.length * scale * scale }, (_, pixel) => {
    const x = pixel % (width * scale);
    const y = Math.floor(pixel / (width * scale));
    return map[Math.floor(y / scale) * width + Math.floor(x / scale)];
  });
  return dataUri(mapPicture(pixels, height * scale, width * scale, pixels.reduce((a, b) => Math.max(a, b), 0), conceptColours[0]));
}
