import { ErrorCodes, ResponseError } from 'vscode-jsonrpc';
import { CancelledError, InputError } from '../base/errors.ts';
import type { EngineFault } from './protocol.ts';

/** An error of the engine as it travels to the host. */
export function toResponseError(error: unknown): ResponseError<EngineFault> {
  const fault = faultOf(error);
  return new ResponseError(ErrorCodes.InternalError, fault.message, fault);
}

function faultOf(error: unknown): EngineFault {
  if (error instanceof CancelledError) return { kind: 'cancelled', message: error.message };
  if (error instanceof InputError) {
    const { message, file, place, remedy, phrases } = error;
    return { kind: 'input', message, file, remedy, phrases, ...(place !== undefined && { place }) };
  }
  return { kind: 'internal', message: error instanceof Error ? error.message : String(error) };
}
