/** Kinds of work in a spec that can be run. */
export type Capability = 'trace' | 'experiments' | 'sweeps' | 'searches' | 'studies';

/** Those that this engine carries out; the editor offers nothing else. Format 1 knows more than this version does. */
export const capabilities: readonly Capability[] = ['trace', 'experiments', 'sweeps'];
