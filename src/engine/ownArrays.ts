import type { ProgressMessage, StepMessage } from './protocol.ts';

/**
 * The same step over arrays that own their memory. Received ones are views of the whole message, or of several, and whoever passes on or
 * keeps one of them would pass on or keep all.
 */
export function ownArrays({ preview, codes, ...step }: StepMessage): StepMessage {
  return {
    ...step,
    codes: codes.map(({ indices, values, ...trace }) => ({ ...trace, indices: own(indices), values: own(values) })),
    ...(preview !== undefined && { preview: new Uint8Array(preview) }), // not a Buffer, as it arrives
  };
}

/** The same progress, as `ownArrays`. */
export function ownPicture({ picture, ...progress }: ProgressMessage): ProgressMessage {
  return { ...progress, ...(picture !== undefined && { picture: { ...picture, preview: new Uint8Array(picture.preview) } }) };
}

function own<T extends Int32Array | Float32Array>(array: T): T {
  return array.byteLength === array.buffer.byteLength ? array : array.slice() as T;
}
