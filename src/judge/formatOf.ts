import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { JudgeFolder, PictureFormat } from './judgeFolder.ts';

/** How pictures go into one of a judge's networks: as it says itself, else as the judge says for all. @throws InputError when neither does */
export function formatOf({ config, folder }: JudgeFolder, own: PictureFormat | undefined): PictureFormat {
  const format = own ?? config.image;
  if (format !== undefined) return format;
  throw new InputError(phrase`nothing says how pictures go in`, { file: folder, place: '/image', remedy: phrase`Describe it in judge.json.` });
}

/**
 * The same of a network whose answer is held against regions of the picture: it has to see all of it.
 * @param network its key in `judge.json`. @throws InputError as `formatOf`, and when pictures would lose their edges
 */
export function wholePictureFormat(judge: JudgeFolder, network: 'segmenter' | 'text_segmenter' | 'perceptual'): PictureFormat {
  const own = judge.config[network]?.preprocessing;
  const format = formatOf(judge, own);
  if (format.fit !== 'cover') return format;
  throw new InputError(phrase`the network has to see the whole picture`, {
    file: judge.folder, place: own === undefined ? '/image/fit' : `/${network}/preprocessing/fit`, remedy: phrase`Write "stretch".`,
  });
}
