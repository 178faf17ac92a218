import { encode } from 'fast-png';

/** A picture inside the page. */
export function dataUri(png: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}

/** Opacity of a cell at the map's maximum: what lies beneath stays visible. */
const mostOpaque = 0.85;

/**
 * A map as a picture to lay over a preview: one pixel a cell, the concept's colour, more opaque where it is stronger.
 * @param map [height * width], z >= 0. @param max the value drawn most opaque. @param colour #rrggbb
 * @returns a PNG
 */
export function mapPicture(map: Float32Array, height: number, width: number, max: number, colour: string): Uint8Array {
  const rgb = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  const data = new Uint8Array(map.length * 4);
  map.forEach((value, cell) => {
    data.set(rgb, cell * 4);
    // The square root lifts weak cells above what eyes miss on a busy picture.
    data[cell * 4 + 3] = max > 0 ? Math.round(255 * mostOpaque * Math.sqrt(Math.min(value / max, 1))) : 0;
  });
  return encode({ width, height, data, channels: 4, depth: 8 });
}
