import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CancelledError } from '../../base/errors.ts';
import { phrase, toPhrase } from '../../base/phrase.ts';
import type { Phrase } from '../../base/phrase.ts';
import type { ProbeAnswer, ProbeRequest } from './probe.ts';

/** Why a provider could not be tried to the end. */
export interface ProbeFault {
  readonly fault: Phrase;
  /** The next step, where that is known. */
  readonly remedy?: Phrase;
}

/** How trying a provider ended. */
export type ProbeOutcome = { readonly answer: ProbeAnswer } | ProbeFault;
export type Prober = (request: ProbeRequest, limits: { readonly seconds: number; readonly signal: AbortSignal }) => Promise<ProbeOutcome>;

/** The end of what the child has written to stderr. */
const keptText = 4096;

/**
 * Try a provider in a process of its own: a driver that crashes or hangs takes nothing else along.
 * @param module the bundle of `engine/probeMain`; left out: that beside this bundle
 */
export function probeInChild(module = fileURLToPath(new URL('probe.mjs', import.meta.url))): Prober {
  return (request, { seconds, signal }) => new Promise((resolve, reject) => {
    if (signal.aborted) { reject(new CancelledError()); return; }
    const child = fork(module, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
    let written = '';
    let outcome: ProbeOutcome | undefined;
    const stop = (why: ProbeOutcome | undefined): void => {
      outcome ??= why;
      child.kill('SIGKILL');
    };
    const cancel = (): void => { stop(undefined); };
    const timer = setTimeout(() => { stop({ fault: phrase`no answer within ${seconds} s` }); }, seconds * 1000);
    signal.addEventListener('abort', cancel);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => { written = (written + text).slice(-keptText); });
    child.on('message', (message) => { stop(message as ProbeOutcome); }); // a driver may hang at exit, too
    child.on('error', (error) => { stop({ fault: toPhrase(error.message) }); });
    child.on('close', (code, killedBy) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      if (signal.aborted) reject(new CancelledError());
      else resolve(outcome ?? { fault: phrase`the process that tried it ended with ${killedBy ?? `code ${code}`}${lastLine(written)}` });
    });
    child.send(request, (error) => { if (error !== null) stop({ fault: toPhrase(error.message) }); });
  });
}

function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1) ?? '';
  return line === '' ? '' : `: ${line.slice(0, 300)}`;
}
