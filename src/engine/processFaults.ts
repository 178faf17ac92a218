import { t } from '@vscode/l10n';
import { say } from '../base/phrase.ts';
import type { Phrase } from '../base/phrase.ts';
import type { JobFault } from './job.ts';
import type { EngineFault } from './protocol.ts';

/** How an engine process came to its end. */
export interface EngineEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why it could not be started at all. */
  readonly error?: Error;
  /** The last of what it wrote to stderr. */
  readonly lastWords: string;
}

/** Signals of faults in native code. */
const crashes: readonly string[] = ['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGABRT', 'SIGTRAP'];

/** Of Windows: exit codes from here on are errors that the system ended the process for, such as 0xC0000005. */
const leastStatus = 0xc0000000;

/** What V8, C++ and ONNX Runtime say. */
const outOfMemory = /heap out of memory|javascript OOM|bad_alloc|failed to allocate memory/i;

/** How the process crashed in native code; undefined where it ended otherwise, or for want of memory. */
export function crashOf({ code, signal, lastWords }: EngineEnd): string | undefined {
  if (outOfMemory.test(lastWords)) return undefined;
  if (signal !== null) return crashes.includes(signal) ? signal : undefined;
  return code !== null && code >= leastStatus ? `0x${code.toString(16).toUpperCase()}` : undefined;
}

/** Native code took the engine along while another provider than the CPU computed. @param how see `crashOf` */
export function faultOfProvider(provider: string, how: string): JobFault {
  return {
    message: t('The engine process crashed in native code ({0}) while the provider {1} computed', how, provider),
    remedy: t('This is remembered for this model: with "auto" the next run computes with another provider, and {0} by name is refused until "DMI: Measure Providers Again". Runs that were finished are kept.', provider),
  };
}

/** A phrase in the language of the editor. */
export function inWords(phrase: Phrase): string {
  return say(phrase, (template, ...values) => t(template, ...values));
}

/** Why the engine is gone, in words for people. Runs that were finished are in their folders in any case. */
export function faultOfEnd({ code, signal, error, lastWords }: EngineEnd): JobFault {
  if (error !== undefined) return faultOfStart(error);
  if (outOfMemory.test(lastWords)) return noMemory();
  if (signal === 'SIGKILL') {
    return { message: t('The engine process was killed from outside; the system does that when memory runs out'), remedy: memoryRemedy() };
  }
  if (signal !== null && crashes.includes(signal)) {
    return {
      message: t('The engine process crashed in native code ({0})', signal),
      remedy: t('Run again: a new engine starts, and runs that were finished are kept. If it happens again, check the export of the model; the log holds the last words of the engine.'),
    };
  }
  const reason = /^\w*Error: .*$/m.exec(lastWords)?.[0];
  return {
    message: t('The engine process ended unexpectedly ({0})', reason ?? signal ?? t('exit code {0}', String(code))),
    remedy: t('Run again: a new engine starts, and runs that were finished are kept. The log holds the last words of the engine.'),
  };
}

/** There is no engine, and never was. */
export function faultOfStart(error: Error): JobFault {
  return {
    message: t('The engine process could not be started: {0}', error.message),
    remedy: t('Check the setting dmiLens.engine.nodePath; left empty, the editor\'s own Node is used.'),
  };
}

/** The engine was stopped because it held too much. */
export function memoryFault(bytes: number, limitMb: number): JobFault {
  return {
    message: t('The engine process held {0} MB of memory, more than the {1} MB it may', Math.round(bytes / 2 ** 20), limitMb),
    remedy: t('Raise the setting dmiLens.engine.memoryLimitMb, trace fewer sites, or use a smaller model.'),
  };
}

/** Something given to the engine cannot be used, in the language of the editor. */
export function inputFault({ message, remedy = '', phrases, file, place }: EngineFault): JobFault {
  return {
    message: phrases === undefined ? message : inWords(phrases.message), remedy: phrases === undefined ? remedy : inWords(phrases.remedy),
    ...(file !== undefined && { file }), ...(place !== undefined && { place }),
  };
}

/** An error inside the engine that is nobody's input. */
export function internalFault(message: string): JobFault {
  if (outOfMemory.test(message)) return noMemory();
  return { message: t('The engine failed: {0}', message), remedy: t('Run again. If it happens again, report it with what the log says.') };
}

function noMemory(): JobFault {
  return { message: t('The engine process ran out of memory'), remedy: memoryRemedy() };
}

function memoryRemedy(): string {
  return t('Close other programs, trace fewer sites, or use a smaller model. Runs that were finished are kept.');
}
