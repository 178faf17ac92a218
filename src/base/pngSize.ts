/** Bytes that `pngSize` needs. */
export const pngSizeBytes = 24;

/** Sides of a picture as the head of its PNG claims them; undefined where it is none (PNG, ISO/IEC 15948: signature, then the chunk IHDR). */
export function pngSize(head: Uint8Array): { width: number; height: number } | undefined {
  if (head.length < pngSizeBytes) return undefined;
  const view = new DataView(head.buffer, head.byteOffset);
  if (view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a || view.getUint32(12) !== 0x49484452) return undefined;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
