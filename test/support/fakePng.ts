/** The head of a PNG of a given size, with a mark by which to know it; there is no picture behind it. */
export function fakePng(mark: number, width = 8, height = 8): Uint8Array {
  const bytes = new Uint8Array(25);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  bytes[24] = mark;
  return bytes;
}
