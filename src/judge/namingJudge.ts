import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { openJudgeFolder, type JudgeFolder, type Vocabulary } from './judgeFolder.ts';

/** A judge that can name concepts: it has words of its own. */
export interface NamingJudge extends JudgeFolder {
  readonly vocabulary: Vocabulary;
}

/** Open a judge that can name concepts. @throws InputError as `openJudgeFolder`, and when it lacks a segmenter with fixed classes */
export async function openNamingJudge(folder: string): Promise<NamingJudge> {
  const judge = await openJudgeFolder(folder);
  const { vocabulary } = judge;
  if (vocabulary !== undefined) return { ...judge, vocabulary };
  throw new InputError(phrase`the judge has no words of its own`, { file: folder, place: '/segmenter', remedy: phrase`Name a judge whose segmenter has fixed classes.` });
}
