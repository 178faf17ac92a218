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
    const size = pngSize(png);
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

/** Width and height that a PNG's header claims; null for what is no PNG, or beyond what a picture of a model may be. */
export function pngSize(png: Uint8Array): { readonly width: number; readonly height: number } | null {
  if (png.length < 24 || png[0] !== 0x89 || png[1] !== 0x50) return null;
  const view = new DataView(png.buffer, png.byteOffset, 24);
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  return width > 0 && height > 0 && width <= 8192 && height <= 8192 ? { width, height } : null;
}
