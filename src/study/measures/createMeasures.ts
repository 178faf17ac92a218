import type { Judge } from '../../judge/judge.ts';
import { centre } from './centre.ts';
import { iou } from './iou.ts';
import type { Measure } from './measure.ts';
import { parseMeasure } from './measureName.ts';
import { mse } from './mse.ts';
import { ood } from './ood.ts';
import { askedOnce, perceptual } from './perceptual.ts';
import { presence } from './presence.ts';
import { similarity, type Caption } from './similarity.ts';
import { ssim } from './ssim.ts';

/** What measures with the names can be made of. @param judge undefined where there is none. @throws RangeError when a measure needs a network that the judge lacks */
export function createMeasures(names: readonly string[], caption: Caption, judge: Judge | undefined): Map<string, Measure> {
  const need = <T>(given: T | undefined, name: string): T => {
    if (given === undefined) throw new RangeError(`no network for ${name}`);
    return given;
  };
  const network = judge?.perceptual && askedOnce(judge.perceptual);
  return new Map(names.map((name) => {
    const measure = parseMeasure(name);
    switch (measure.kind) {
      case 'presence': return [name, presence(measure.noun, need(judge?.nouns, name))];
      case 'iou': return [name, iou(measure.noun, need(judge?.nouns, name))];
      case 'centre': return [name, centre(measure.noun, need(judge?.nouns, name))];
      case 'clip': return [name, similarity(caption, need(judge?.encoder, name))];
      case 'perceptual': return [name, perceptual(measure.part, need(network, name))];
      case 'ssim': return [name, ssim(measure.part)];
      case 'mse': return [name, mse(measure.part)];
      case 'ood': return [name, ood()];
    }
  }));
}
