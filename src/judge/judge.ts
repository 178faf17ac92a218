import type { OpenOptions } from '../onnx/session.ts';
import { loadDualEncoder, type DualEncoder } from './dualEncoder.ts';
import type { JudgeFolder } from './judgeFolder.ts';
import { loadNounFinder } from './loadNounFinder.ts';
import type { NounFinder } from './nounFinder.ts';
import { loadPerceptual, type PerceptualNetwork } from './perceptual.ts';

/** What of a judge is needed. */
export interface JudgeNeeds {
  readonly nouns: boolean;
  readonly similarity: boolean;
  readonly perceptual: boolean;
}

/** A judge's networks in memory; undefined where they are not needed or it has no such. */
export interface Judge {
  readonly nouns: NounFinder | undefined;
  readonly encoder: DualEncoder | undefined;
  readonly perceptual: PerceptualNetwork | undefined;
  close(): Promise<void>;
}

/** Load of a judge what is needed and there. @throws InputError when a network or tokenizer is malformed or does not give what `judge.json` promises */
export async function loadJudge(folder: JudgeFolder, needs: JudgeNeeds, options: OpenOptions = {}): Promise<Judge> {
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => { await Promise.all(opened.map((network) => network.close())); };
  const keep = <T extends { close(): Promise<void> } | undefined>(network: T): T => {
    if (network !== undefined) opened.push(network);
    return network;
  };
  try {
    return {
      nouns: needs.nouns ? keep(await loadNounFinder(folder, options)) : undefined,
      encoder: needs.similarity && folder.files.dualEncoder !== undefined ? keep(await loadDualEncoder(folder, options)) : undefined,
      perceptual: needs.perceptual && folder.files.perceptual !== undefined ? keep(await loadPerceptual(folder, options)) : undefined,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
