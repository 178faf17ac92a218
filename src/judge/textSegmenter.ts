import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { loadTokenizer } from '../diffusion/tokenizer.ts';
import type { OpenOptions } from '../onnx/session.ts';
import { captionTensors } from './captionTensors.ts';
import { wholePictureFormat } from './formatOf.ts';
import type { JudgeFolder } from './judgeFolder.ts';
import type { NounFinder } from './nounFinder.ts';
import { float32Of, openNetwork } from './openNetwork.ts';
import { pictureTensor } from './pictureTensor.ts';

/** Load a judge's segmenter that is asked in words (CLIPSeg). @throws InputError when it has none, or its network or tokenizer is malformed or does not give what `judge.json` promises */
export async function loadTextSegmenter(judge: JudgeFolder, options: OpenOptions = {}): Promise<NounFinder> {
  const { files: { textSegmenter: files }, config: { text_segmenter: segmenter } } = judge;
  if (files === undefined || segmenter === undefined) {
    throw new InputError(phrase`the judge has no segmenter that is asked in words`, { file: judge.folder, place: '/text_segmenter', remedy: phrase`Name a judge that has one.` });
  }
  const format = wholePictureFormat(judge, 'text_segmenter');
  const { input, output, text, threshold } = segmenter;
  const tokenizer = await loadTokenizer(files.tokenizer);
  const session = await openNetwork(files.model, [input, text.input, text.attention_mask], [output], options);
  const cut = Math.log(threshold / (1 - threshold)); // sigmoid(x) >= threshold, without rounding
  return {
    async find(picture, noun) {
      const feeds = { [input]: pictureTensor(picture, format, judge.folder), ...captionTensors(noun, text, tokenizer, session) };
      const { shape, data } = float32Of((await session.run(feeds, [output]))[output], output, files.model);
      const [height, width] = shape.slice(-2);
      if (shape.length < 2 || height * width !== data.length) {
        throw new InputError(phrase`should be logits of one picture [.., height, width], not [${shape.join(', ')}]`, { file: files.model, place: output, remedy: phrase`Make judge.json and the network agree.` });
      }
      return { height, width, data: Uint8Array.from(data, (logit) => (logit >= cut ? 1 : 0)) };
    },
    close: () => session.close(),
  };
}
