import { pictureSize } from './pictureSize.ts';

/** Decoded pictures; the oldest go when there are more pixels than `mostPixels`. */
const mostPixels = 24_000_000; // 96 MB as RGBA
/** Up to this height a picture is decoded once and serves at every size. */
const small = 256;

interface Decoded {
  /** null while it is being decoded, or where it cannot be. */
  bitmap: ImageBitmap | null;
}

/** PNGs as bitmaps. Decoding is the browser's, beside our thread; `ready` tells when a picture has come. */
export class Pictures {
  readonly #decoded = new Map<string, Decoded>();
  readonly #names = new WeakMap<Uint8Array, number>();
  readonly #ready: () => void;
  #next = 0;
  #pixels = 0;

  constructor(ready: () => void) {
    this.#ready = ready;
  }

  /**
   * The picture, or null until it is decoded.
   * @param height wanted, in device pixels: what is much larger is kept at this size; undefined for the picture's own
   */
  of(png: Uint8Array, height?: number): ImageBitmap | null {
    const size = pictureSize(png);
    if (size === null) return null;
    const shrunk = height !== undefined && size.height > Math.max(height, small) ? Math.max(1, height) : undefined;
    const name = this.#names.get(png) ?? this.#next++;
    this.#names.set(png, name);
    const key = `${name} ${shrunk ?? ''}`;
    const known = this.#decoded.get(key);
    if (known !== undefined) {
      this.#decoded.delete(key); // the last one asked for is the last to go
      this.#decoded.set(key, known);
      return known.bitmap;
    }
    const entry: Decoded = { bitmap: null };
    this.#decoded.set(key, entry);
    const options: ImageBitmapOptions = shrunk === undefined ? {} : { resizeHeight: shrunk, resizeQuality: 'medium' };
    createImageBitmap(new Blob([png.slice()], { type: 'image/png' }), options).then((bitmap) => {
      entry.bitmap = bitmap;
      this.#pixels += bitmap.width * bitmap.height;
      this.#prune();
      this.#ready();
    }, () => undefined); // a damaged picture stays blank
    return null;
  }

  #prune(): void {
    for (const [key, { bitmap }] of this.#decoded) {
      if (this.#pixels <= mostPixels) return;
      if (bitmap === null) continue;
      this.#pixels -= bitmap.width * bitmap.height;
      bitmap.close();
      this.#decoded.delete(key);
    }
  }
}
