import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { JudgeFolder, PictureFormat } from './judgeFolder.ts';

/** How pictures go into one of a judge's networks: as it says itself, else as the judge says for all. @throws InputError when neither does */
export function formatOf({ config, folder }: JudgeFolder, own: PictureFormat | undefined): PictureFormat {
  const format = own ?? config.image;
  if (format !== undefined) return format;
  throw new InputError(phrase`nothing says how pictures go in`, { file: folder, place: '/image', remedy: phrase`Describe it in judge.json.` });
}
