import { join } from 'node:path';
import { InputError } from '../../base/errors.ts';
import { readFileBytes } from '../../base/fileBytes.ts';
import { pngSize } from '../../base/pngSize.ts';
import { previewName } from '../../experiment/previewName.ts';
import { checkRunFolder } from '../../experiment/readRunFolder.ts';
import type { RunManifest } from '../../experiment/runManifest.ts';
import type { StoredRun } from '../../experiment/runStore.ts';
import { readTrace } from '../../experiment/traceFile.ts';
import type { RunTrace } from '../../experiment/traceFile.ts';
import { describeDamage } from '../runs/runTexts.ts';
import type { Translate } from '../translate.ts';

/** Codes and pictures of a finished run. */
export interface RunContent {
  readonly trace: RunTrace;
  /** One per recorded step of the trace: a PNG, null where it is missing. */
  readonly previews: readonly (Uint8Array | null)[];
  readonly image: Uint8Array | null;
}

/** More than a panel can hold. */
const mostTraceBytes = 512 * 2 ** 20;
const mostPictureBytes = 32 * 2 ** 20;
const mostPreviewBytes = 256 * 2 ** 20;
/** A few bytes can claim to be a picture that takes gigabytes to draw. */
const longestSide = 4096;

/** The finished run in a folder. @throws InputError when the folder is gone or damaged */
export async function findRun(folder: string, t: Translate): Promise<StoredRun> {
  const run = await checkRunFolder(folder);
  if (run?.kind === 'checked') return run;
  throw new InputError(run === undefined ? t('this run is not there any more') : t('this run folder is damaged: {0}', describeDamage(run.damage, t)), {
    file: folder, remedy: t('Run the spec again; what is missing is computed anew.'),
  });
}

/** Read a run's codes and pictures; only files that its manifest names are opened. @throws InputError when its trace cannot be read, or is another run's */
export async function readRunContent({ folder, manifest }: StoredRun, t: Translate): Promise<RunContent> {
  const path = join(folder, 'trace.safetensors');
  const trace = await readTrace(path, mostTraceBytes);
  if (trace.steps.join() !== manifest.definition.trace.steps.join()) {
    throw new InputError(t('the trace does not hold the steps that run.json names'), { file: path, remedy: t('Run the spec again; what is missing is computed anew.') });
  }
  return { trace, previews: await readPreviews({ folder, manifest }, trace.steps), image: await readPicture(folder, manifest, 'image.png', mostPictureBytes) };
}

/** A run's predicted pictures, one for each of the steps; null where it is missing. */
export async function readPreviews({ folder, manifest }: StoredRun, steps: readonly number[]): Promise<(Uint8Array | null)[]> {
  let left = mostPreviewBytes;
  const previews: (Uint8Array | null)[] = [];
  for (const step of steps) {
    const preview = await readPicture(folder, manifest, previewName(step), left);
    left -= preview?.length ?? 0;
    previews.push(preview);
  }
  return previews;
}

/** A run's finished picture; null where it is missing. */
export async function readImage({ folder, manifest }: StoredRun): Promise<Uint8Array | null> {
  return await readPicture(folder, manifest, 'image.png', mostPictureBytes);
}

/** A picture that is missing, too large, or none at all is not worth losing the run. */
async function readPicture(folder: string, { files }: RunManifest, name: string, maxBytes: number): Promise<Uint8Array | null> {
  if (!Object.hasOwn(files, name)) return null;
  try {
    const bytes = await readFileBytes(join(folder, name), Math.min(maxBytes, mostPictureBytes));
    const { width = Infinity, height = Infinity } = pngSize(bytes) ?? {};
    return Math.max(width, height) <= longestSide ? bytes : null;
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}
