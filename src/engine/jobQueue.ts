import { dirname, join } from 'node:path';
import type { Disposable } from 'vscode-jsonrpc';
import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import { EngineJob } from './engineJob.ts';
import type { EngineProcess } from './engineProcess.ts';
import { sameTarget } from './job.ts';
import type { EngineSettings, Job, JobFault, JobQueue } from './job.ts';
import { JobFaultError } from './jobFaultError.ts';
import { Listeners } from './listeners.ts';
import { crashOf, faultOfProvider, faultOfStart, inputFault, internalFault, inWords } from './processFaults.ts';
import type { EngineFault, IdentifyParams, JobTarget, ToldMessage, TrainedOn } from './protocol.ts';

/** Where an engine's lines, and the errors of listeners, go; a LogOutputChannel is one. */
export interface EngineLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** The longest time that a timer can wait. */
const longestTimerMs = 2 ** 31 - 1;

/** Waiting longer at the end would only be cut short: VS Code gives its extensions about 4 s. */
const longestGoodbyeMs = 1500;

/** What happens to those who ask too late. */
const disposed = 'the queue has been disposed';

/**
 * Jobs of one window over one engine process at a time, which starts with the first job and ends when it has been idle for long.
 * @param settings asked whenever an engine starts
 * @param graceMs how long an engine may take to heed a cancellation, beyond a step, before it is killed
 */
export function createJobQueue(settings: () => EngineSettings, log: EngineLog, graceMs = 3000): JobQueue {
  return new EngineJobQueue(settings, log, graceMs);
}

class EngineJobQueue implements JobQueue {
  readonly #settings: () => EngineSettings;
  readonly #log: EngineLog;
  readonly #graceMs: number;
  readonly #changed: Listeners<Job>;
  readonly #warned: Listeners<string>;
  /** What was said as a warning: the same of every run of a spec would be said again and again. */
  readonly #warnings = new Set<string>();
  readonly #waiting: EngineJob[] = [];
  #jobs: readonly EngineJob[] = [];
  #current: EngineJob | undefined;
  #engine: EngineProcess | undefined;
  /** Engines that have not ended yet, the present one included. */
  readonly #alive = new Set<EngineProcess>();
  /** How much is being done with the engine at this moment. */
  #busy = 0;
  #idle: NodeJS.Timeout | undefined;
  #idleMs = 0;
  #working: Promise<void> | undefined;
  #started = 0;
  #disposed = false;

  constructor(settings: () => EngineSettings, log: EngineLog, graceMs: number) {
    this.#settings = settings;
    this.#log = log;
    this.#graceMs = graceMs;
    this.#changed = new Listeners((error) => { this.#logError(error); });
    this.#warned = new Listeners((error) => { this.#logError(error); });
  }

  get jobs(): readonly Job[] {
    return this.#jobs;
  }

  get enginePid(): number | undefined {
    return [...this.#alive].at(-1)?.pid;
  }

  jobOf(file: string, target?: JobTarget): Job | undefined {
    return this.#jobs.findLast((job) => job.file === file && (sameTarget(job.target, target) || job.target === 'all'));
  }

  jobsOf(file: string): readonly Job[] {
    return this.#jobs.filter((job) => job.file === file);
  }

  start(file: string, text: string, target?: JobTarget): Job {
    if (this.#disposed) throw new Error(disposed);
    const earlier = this.#jobs.find((job) => job.file === file && sameTarget(job.target, target));
    if (earlier !== undefined && !earlier.ended && !earlier.stop.signal.aborted) {
      if (earlier.text === text) return earlier;
      this.#cancel(earlier);
    }
    this.#started += 1;
    const job = new EngineJob({ id: String(this.#started), file, text, target }, (it) => { this.#cancel(it); }, (error) => { this.#logError(error); });
    job.onDidChange(() => { this.#changed.fire(job); });
    this.#jobs = [...this.#jobs.filter((other) => other !== earlier), job];
    this.#waiting.push(job);
    this.#changed.fire(job);
    this.#working ??= Promise.resolve().then(() => this.#work()); // not before the caller can listen
    return job;
  }

  onDidChange(listener: (job: Job) => void): Disposable {
    return this.#changed.add(listener);
  }

  onDidWarn(listener: (what: string) => void): Disposable {
    return this.#warned.add(listener);
  }

  async report(file: string, text: string, language: 'en' | 'ja'): Promise<string> {
    if (this.#disposed) throw new Error(disposed);
    return this.#withEngine(async (engine) => {
      try {
        return await engine.report({ file, text, language });
      } catch (error) {
        throw new JobFaultError(await faultOf(error, engine));
      }
    });
  }

  async identifySae(params: IdentifyParams, signal: AbortSignal): Promise<readonly TrainedOn[]> {
    if (this.#disposed) throw new Error(disposed);
    return this.#withEngine(async (engine) => {
      try {
        return await engine.identify(params, signal);
      } catch (error) {
        throwIfCancelled(signal);
        throw new JobFaultError(await faultOf(error, engine));
      }
    }, signal);
  }

  async restart(): Promise<void> {
    for (const job of this.#jobs) this.#cancel(job);
    await this.#endEngine();
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#idle);
    for (const job of this.#jobs) this.#cancel(job);
    await this.#endEngine();
    await Promise.all([...this.#alive].map((engine) => engine.ended));
    await this.#working;
  }

  /** Carry out what waits, one after the other. */
  async #work(): Promise<void> {
    for (let job = this.#waiting.shift(); job !== undefined; job = this.#waiting.shift()) {
      const current = job;
      this.#current = current;
      try {
        await this.#withEngine((engine) => carryOut(current, engine), current.stop.signal);
      } catch (error) {
        current.setState(current.stop.signal.aborted ? { kind: 'cancelled' } : { kind: 'failed', fault: faultOfStart(error as Error) });
      }
      this.#current = undefined;
    }
    this.#working = undefined;
  }

  #cancel(job: EngineJob): void {
    if (job.ended || job.stop.signal.aborted) return;
    job.stop.abort();
    const place = this.#waiting.indexOf(job);
    if (place >= 0) {
      this.#waiting.splice(place, 1);
      job.setState({ kind: 'cancelled' });
      return;
    }
    const engine = this.#engine;
    const timer = setTimeout(() => { engine?.kill(); }, this.#graceMs + job.longestStepMs);
    const subscription = job.onDidChange(() => {
      if (!job.ended) return;
      clearTimeout(timer);
      subscription.dispose();
    });
    job.setState({ kind: 'cancelling' });
  }

  /** Do something with the engine; it does not count as idle meanwhile. */
  async #withEngine<T>(work: (engine: EngineProcess) => Promise<T>, signal?: AbortSignal): Promise<T> {
    clearTimeout(this.#idle);
    this.#busy += 1;
    try {
      const code = await import('./engineProcess.ts'); // JSON-RPC is large: nothing that an editor needs at its start
      throwIfCancelled(signal);
      if (this.#disposed) throw new Error(disposed);
      return await work(this.#engine ??= this.#startEngine(code.EngineProcess));
    } finally {
      this.#busy -= 1;
      if (this.#busy === 0 && !this.#disposed) this.#idle = setTimeout(() => { void this.#endEngine(); }, this.#idleMs).unref();
    }
  }

  #startEngine(Process: typeof EngineProcess): EngineProcess {
    const settings = this.#settings();
    this.#idleMs = Math.min(settings.idleMinutes * 60_000, longestTimerMs);
    const told = (id: string, tell: (job: EngineJob) => void): void => {
      if (this.#current?.id === id) tell(this.#current);
    };
    const engine = new Process(settings, {
      planned: (id, plan) => { told(id, (job) => { job.setPlan(plan); }); },
      stepped: (step) => { told(step.job, (job) => { job.addStep(step); }); },
      progressed: (progress) => { told(progress.job, (job) => { job.progress(progress); }); },
      runFinished: (run) => { told(run.job, (job) => { job.finishRun(run); }); },
      partFinished: ({ job: id, part }) => { told(id, (job) => { job.finishPart(part); }); },
      told: (message) => { this.#hear(message); },
    }, (line) => { this.#log.info(line); });
    this.#alive.add(engine);
    this.#log.info(`engine process ${engine.pid ?? 'without a number'}: started`);
    void engine.ended.then(({ code, signal, error }) => {
      this.#log.info(`engine process ${engine.pid ?? 'without a number'}: ended, ${error?.message ?? signal ?? `exit code ${code}`}`);
      this.#alive.delete(engine);
      if (this.#engine === engine) this.#engine = undefined;
    });
    return engine;
  }

  /** What the engine says before the first step, in the language of the editor. */
  #hear({ what, kind }: ToldMessage): void {
    const text = inWords(what);
    if (kind === 'warning') {
      this.#log.warn(text);
      if (!this.#warnings.has(text)) this.#warned.fire(text);
      this.#warnings.add(text);
      return;
    }
    this.#log.info(text);
    this.#current?.load(what);
  }

  /** What comes next starts another one. */
  async #endEngine(): Promise<void> {
    const engine = this.#engine;
    this.#engine = undefined;
    await engine?.close(Math.min(this.#graceMs, longestGoodbyeMs));
  }

  /** What a listener throws is told, and ends there. */
  #logError(error: unknown): void {
    this.#log.error(error instanceof Error ? error.stack ?? error.message : String(error));
  }
}

/** From a job's turn to its end. */
async function carryOut(job: EngineJob, engine: EngineProcess): Promise<void> {
  job.setState({ kind: 'starting' });
  try {
    const answer = await engine.run({ job: job.id, file: job.file, text: job.text, ...(job.target !== undefined && { target: job.target }) }, job.stop.signal);
    job.setState({ kind: 'done', answer, finishedAt: new Date() });
  } catch (error) {
    // An engine that is ending is waited for: the next job must find that it needs another one.
    const fault = await faultOf(error, engine, job.file);
    job.setState(job.stop.signal.aborted ? { kind: 'cancelled' } : { kind: 'failed', fault });
  }
}

/** What a rejected request means. @param file spec of the job that it was about */
async function faultOf(error: unknown, engine: EngineProcess, file?: string): Promise<JobFault> {
  const fault = error instanceof Error && 'data' in error ? error.data as EngineFault | undefined : undefined; // a ResponseError
  if (fault?.kind === undefined) {
    engine.kill(); // the channel is broken, if the process is not gone already
    const crash = crashOf(await engine.ended);
    const provider = file === undefined ? undefined : await providerAtEnd(file, engine.pid, crash);
    return crash === undefined || provider === undefined ? engine.fault() : faultOfProvider(provider, crash);
  }
  return fault.kind === 'internal' ? internalFault(fault.message) : inputFault(fault);
}

/** The provider that an engine computed a spec with when it ended, none for the CPU; a crash is kept for the next run of that model. */
async function providerAtEnd(spec: string, pid: number | undefined, crash: string | undefined): Promise<string | undefined> {
  const { noteEnd } = await import('../experiment/provider/useMark.ts');
  return pid === undefined ? undefined : noteEnd(join(dirname(spec), '.dmi', 'cache'), pid, crash);
}
