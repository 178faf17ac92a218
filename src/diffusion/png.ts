import { promisify } from 'node:util';
import { deflate } from 'node:zlib';

/** A picture; `data` holds `height` rows of `width` times red, green, blue. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Fast: a run writes a preview for every step, and half the size is not worth twice the time. */
const level = 1;

/** PNG (ISO/IEC 15948) filter type 1: each byte as its difference from the pixel to the left. */
const filterSub = 1;

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

const compress = promisify<Uint8Array, { level: number; chunkSize: number }, Uint8Array>(deflate);

/** The bytes of a PNG file: 8 bits a channel, truecolour. Compressed on another thread, while this one goes on to the next step. */
export async function encodePng({ width, height, data }: RgbImage): Promise<Uint8Array> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // bits, truecolour, deflate, adaptive filters, not interlaced
  const rows = filterRows(data, width * 3, height);
  const compressed = await compress(rows, { level, chunkSize: Math.max(64, rows.length) }); // room for all of it: each piece would come back to this thread
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', compressed), chunk('IEND', new Uint8Array())]);
}

/** Every row behind the number of its filter. */
function filterRows(data: Uint8Array, rowLength: number, height: number): Uint8Array {
  const rows = new Uint8Array((rowLength + 1) * height);
  for (let row = 0; row < height; row++) {
    const from = row * rowLength;
    const to = row * (rowLength + 1);
    rows[to] = filterSub;
    for (let i = 0; i < 3; i++) rows[to + 1 + i] = data[from + i];
    for (let i = 3; i < rowLength; i++) rows[to + 1 + i] = data[from + i] - data[from + i - 3];
  }
  return rows;
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + content.length);
  bytes.writeUInt32BE(content.length, 0);
  bytes.write(type, 4, 'latin1');
  bytes.set(content, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + content.length)), 8 + content.length);
  return bytes;
}

/** CRC of one byte, ISO/IEC 15948 annex D. */
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
