import { CancelledError } from './errors.ts';

/** Stop here when the user asked to. @throws CancelledError */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new CancelledError();
}
