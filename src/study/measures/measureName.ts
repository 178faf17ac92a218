/** Which part of the picture a measure of harm looks at. */
export type Part = 'whole' | 'inside' | 'outside';

/** A measure as the format names it. */
export type MeasureName =
  | { readonly kind: 'presence' | 'iou' | 'centre'; readonly noun: string }
  | { readonly kind: 'perceptual' | 'ssim' | 'mse'; readonly part: Part }
  | { readonly kind: 'clip' | 'ood' };

const pattern = /^(?:(presence|iou|centre):(.+)|(?:(inside|outside)\.)?(perceptual|ssim|mse)|(clip|ood))$/;

function isOneOf<const W extends string>(word: string | undefined, words: readonly W[]): word is W {
  return word !== undefined && (words as readonly string[]).includes(word);
}

/** Take a measure's name apart. @throws RangeError when it is none; the schema lets no such name through */
export function parseMeasure(name: string): MeasureName {
  const [, find, noun, part, harm, plain] = pattern.exec(name) ?? [];
  if (isOneOf(find, ['presence', 'iou', 'centre'])) return { kind: find, noun };
  if (isOneOf(harm, ['perceptual', 'ssim', 'mse'])) return { kind: harm, part: isOneOf(part, ['inside', 'outside']) ? part : 'whole' };
  if (isOneOf(plain, ['clip', 'ood'])) return { kind: plain };
  throw new RangeError(`${name} is not a measure`);
}

/** Whether a measure looks at the region of the edits. */
export function needsRegion(name: string): boolean {
  const measure = parseMeasure(name);
  return measure.kind === 'iou' || measure.kind === 'centre' || ('part' in measure && measure.part !== 'whole');
}
