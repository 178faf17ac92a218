import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { RgbImage } from '../diffusion/png.ts';
import type { OpenOptions } from '../onnx/session.ts';
import { wholePictureFormat } from './formatOf.ts';
import type { JudgeFolder } from './judgeFolder.ts';
import { float32Of, openNetwork } from './openNetwork.ts';
import { pictureTensor } from './pictureTensor.ts';

/** How different two pictures look: one number where `height` and `width` are 1, else a value per cell, row-major. */
export interface DistanceMap {
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** Tells how different two pictures look. */
export interface PerceptualNetwork {
  /** What reports call it. */
  readonly name: string;
  /** @throws InputError when the pictures have another size than the judge reads */
  compare(picture: RgbImage, other: RgbImage): Promise<DistanceMap>;
  close(): Promise<void>;
}

/** Load a judge's perceptual network. @throws InputError when it has none, or its network is malformed or does not give what `judge.json` promises */
export async function loadPerceptual(judge: JudgeFolder, options: OpenOptions = {}): Promise<PerceptualNetwork> {
  const { files: { perceptual: file }, config: { perceptual } } = judge;
  if (file === undefined || perceptual === undefined) {
    throw new InputError(phrase`the judge has no perceptual network`, { file: judge.folder, place: '/perceptual', remedy: phrase`Name a judge that has one, such as an export of LPIPS.` });
  }
  const format = wholePictureFormat(judge, 'perceptual');
  const { inputs: [first, second], output, name } = perceptual;
  const session = await openNetwork(file, [first, second], [output], options);
  return {
    name,
    async compare(picture, other) {
      const feeds = { [first]: pictureTensor(picture, format, judge.folder), [second]: pictureTensor(other, format, judge.folder) };
      const { shape, data } = float32Of((await session.run(feeds, [output]))[output], output, file);
      if (data.length === 1) return { height: 1, width: 1, data };
      const [height, width] = shape.slice(-2);
      if (shape.length >= 2 && height * width === data.length) return { height, width, data };
      throw new InputError(phrase`should be one distance or a map [1, 1, height, width], not [${shape.join(', ')}]`, { file, place: output, remedy: phrase`Make judge.json and the network agree.` });
    },
    close: () => session.close(),
  };
}
