import type { JobTarget } from '../../engine/protocol.ts';

/** What a command is told to run or to cancel; anyone may call it with anything. @returns undefined: the plain runs */
export function targetOf(value: unknown): JobTarget | undefined {
  if (value === 'all') return value;
  if (typeof value !== 'object' || value === null || !('kind' in value) || !('name' in value)) return undefined;
  const { kind, name } = value;
  return (kind === 'experiments' || kind === 'sweeps') && typeof name === 'string' ? { kind, name } : undefined;
}
