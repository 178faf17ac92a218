import type { Phrase } from '../base/phrase.ts';

/**
 * What is said while models are found, tried and loaded. `loading`: what takes a while now, until the next word or step; `trial`: the same, and worth a line in a log;
 * `warning`: something that people should see.
 */
export type TellKind = 'loading' | 'trial' | 'warning';

/** Whoever wants to know. A promise is waited for before the work begins: native code may hold the thread for long. */
export type Tell = (what: Phrase, kind: TellKind) => void | Promise<void>;
