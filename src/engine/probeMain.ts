import process from 'node:process';
import { InputError } from '../base/errors.ts';
import { toPhrase } from '../base/phrase.ts';
import { probe } from '../experiment/provider/probe.ts';
import type { ProbeRequest } from '../experiment/provider/probe.ts';
import type { ProbeOutcome } from '../experiment/provider/probeInChild.ts';
import { watchParent } from './watchParent.ts';

/** The process in which a provider is tried, forked by `probeInChild`: answers one request, and is ended by its parent. */
watchParent(process.ppid);
process.on('disconnect', () => { process.exit(); });
process.on('message', (request: ProbeRequest) => { void answer(request).then((message) => process.send?.(message)); });

async function answer(request: ProbeRequest): Promise<ProbeOutcome> {
  try {
    return { answer: await probe(request) };
  } catch (error) {
    return error instanceof InputError ? { fault: error.phrases.message, remedy: error.phrases.remedy } : { fault: toPhrase((error as Error).message) };
  }
}
