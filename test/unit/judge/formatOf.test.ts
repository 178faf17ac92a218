import { describe, expect, test } from 'vitest';
import { formatOf, wholePictureFormat } from '../../../src/judge/formatOf.ts';
import type { JudgeFolder, PictureFormat } from '../../../src/judge/judgeFolder.ts';

const stretched: PictureFormat = { size: [4, 4], resize: 'bicubic', layout: 'NCHW', channels: 'RGB', range: [0, 1] };
const cut: PictureFormat = { ...stretched, fit: 'cover' };
const judgeOf = (own: PictureFormat | undefined, image?: PictureFormat): JudgeFolder => (
  { folder: 'judge', config: { ...(image && { image }), segmenter: { ...(own && { preprocessing: own }) }, text_segmenter: { ...(own && { preprocessing: own }) }, perceptual: { ...(own && { preprocessing: own }) } } } as unknown as JudgeFolder);

describe('a picture goes into a network', () => {
  test('as the network says, else as the judge says for all', () => {
    expect(formatOf(judgeOf(undefined, stretched), cut)).toBe(cut);
    expect(wholePictureFormat(judgeOf(undefined, stretched), 'segmenter')).toBe(stretched);
  });

  test.each(['segmenter', 'text_segmenter', 'perceptual'] as const)('whole where its answer is held against regions: %s', (network) => {
    expect(wholePictureFormat(judgeOf(stretched, cut), network)).toBe(stretched);
    const fault = (judge: JudgeFolder): unknown => { try { return wholePictureFormat(judge, network); } catch (error) { return error; } };
    expect(fault(judgeOf(cut))).toMatchObject({ place: `/${network}/preprocessing/fit`, message: 'the network has to see the whole picture' });
    expect(fault(judgeOf(undefined, cut))).toMatchObject({ place: '/image/fit' });
  });
});
