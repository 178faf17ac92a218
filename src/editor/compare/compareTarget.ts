import { parseOutcomeSource, formatOutcomeSource, type OutcomeSource } from '../panels/outcomeSource.ts';

/** A cell of a sweep, as the sweep panel asks for its comparison; undefined for anything else. Anyone may call the command with anything. */
export function fromCompareTarget(target: unknown): OutcomeSource | undefined {
  if (typeof target !== 'object' || target === null || !('cell' in target)) return undefined;
  const { kind, spec, name, cell } = target as Partial<Record<keyof OutcomeSource, unknown>>;
  return parseOutcomeSource(formatOutcomeSource({ kind, spec, name, cell } as OutcomeSource));
}
