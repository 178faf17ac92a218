import { rampLevel } from '../../../src/report/ramp.ts';
import type { Picture } from '../../kit/paint/paintFilm.ts';
import type { Pictures } from '../../kit/paint/pictures.ts';
import { pictureDifference } from '../model/pictureDifference.ts';
import type { PictureDifference } from '../model/pictureDifference.ts';

/** Larger pictures are compared at this height: enough for a strip and for a map of where they differ. */
const comparedHeight = 256;

/** Compares pictures pair by pair, each once; and paints the differences in a ramp. */
export class DifferencePictures {
  readonly #pictures: Pictures;
  readonly #known = new WeakMap<Uint8Array, WeakMap<Uint8Array, PictureDifference>>();
  readonly #painted = new WeakMap<PictureDifference, { key: string; picture: OffscreenCanvas }>();

  constructor(pictures: Pictures) {
    this.#pictures = pictures;
  }

  /** How two PNGs differ; undefined while they are being decoded, null where their sizes differ. */
  of(a: Uint8Array, b: Uint8Array): PictureDifference | null | undefined {
    const known = this.#known.get(a)?.get(b);
    if (known !== undefined) return known;
    const [one, other] = [this.#pictures.of(a, comparedHeight), this.#pictures.of(b, comparedHeight)];
    if (one === null || other === null) return undefined;
    if (one.width !== other.width || one.height !== other.height) return null;
    const difference = pictureDifference(pixelsOf(one), pixelsOf(other), one.width, one.height);
    const ofA = this.#known.get(a) ?? new WeakMap<Uint8Array, PictureDifference>();
    this.#known.set(a, ofA.set(b, difference));
    return difference;
  }

  /** A difference as a picture. @param ramp colours from none to most @param scale difference at the end of the ramp */
  picture(difference: PictureDifference, ramp: readonly string[], scale: number): Picture {
    const key = `${scale} ${ramp[0]} ${ramp[ramp.length - 1]}`;
    const painted = this.#painted.get(difference);
    if (painted?.key === key) return painted.picture;
    const { width, height, map } = difference;
    const picture = new OffscreenCanvas(width, height);
    const context = picture.getContext('2d');
    if (context !== null) {
      const image = context.createImageData(width, height);
      const colours = ramp.map((colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)));
      for (let pixel = 0; pixel < map.length; pixel++) {
        const [red, green, blue] = colours[rampLevel(map[pixel], scale)];
        image.data[4 * pixel] = red;
        image.data[4 * pixel + 1] = green;
        image.data[4 * pixel + 2] = blue;
        image.data[4 * pixel + 3] = 255;
      }
      context.putImageData(image, 0, 0);
    }
    this.#painted.set(difference, { key, picture });
    return picture;
  }
}

function pixelsOf(picture: ImageBitmap): Uint8ClampedArray {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) return new Uint8ClampedArray(4 * picture.width * picture.height);
  context.drawImage(picture, 0, 0);
  return context.getImageData(0, 0, picture.width, picture.height).data;
}
