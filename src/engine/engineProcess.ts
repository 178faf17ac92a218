import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import { encodeArguments } from './engineArguments.ts';
import type { EngineSettings, JobFault } from './job.ts';
import { logLines } from './logLines.ts';
import { faultOfEnd, memoryFault } from './processFaults.ts';
import type { EngineEnd } from './processFaults.ts';
import { identifyRequest, memoryUsed, partFinished, planned, progressed, reportRequest, runFinished, runRequest, stepped, told } from './protocol.ts';
import type { IdentifyParams, JobPlan, PartFinishedMessage, ProgressMessage, ReportParams, RunAnswer, RunFinishedMessage, RunParams, StepMessage, ToldMessage, TrainedOn } from './protocol.ts';
import { ownArrays, ownPicture } from './ownArrays.ts';

/** Whom an engine tells of the job it carries out. */
export interface EngineListener {
  planned(job: string, plan: JobPlan): void;
  stepped(step: StepMessage): void;
  progressed(progress: ProgressMessage): void;
  runFinished(run: RunFinishedMessage): void;
  partFinished(part: PartFinishedMessage): void;
  told(message: ToldMessage): void;
}

/** How often the system is asked for the engine's memory while it works. */
const memoryPollMs = 250;

/** One engine process, from its fork to its end, and the channel to it. */
export class EngineProcess {
  /** Settled when the process is gone and everything it sent has been heard; never rejects. */
  readonly ended: Promise<EngineEnd>;
  readonly #child: ChildProcess;
  readonly #connection: MessageConnection;
  readonly #memoryLimitMb: number;
  readonly #lastWords: () => string;
  #fault: JobFault | undefined;
  #working = 0;
  #handled = 0;

  /** Fork the engine. A failure to do so is told by `ended`. @param log given the lines that the process writes */
  constructor(settings: EngineSettings, listener: EngineListener, log: (line: string) => void) {
    const { module, nodePath, memoryLimitMb } = settings;
    this.#memoryLimitMb = memoryLimitMb;
    this.#child = fork(module, encodeArguments(settings), {
      ...(nodePath !== undefined && { execPath: nodePath }),
      execArgv: [], // a debugger's flags are for the parent
      // glibc keeps what is freed unless told when to give it back: a model's weights are gigabytes.
      env: { MALLOC_TRIM_THRESHOLD_: '131072', ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    logLines(this.#child.stdout, log);
    this.#lastWords = logLines(this.#child.stderr, log);
    let received = 0;
    this.#child.on('message', () => { received += 1; });
    this.#connection = createMessageConnection(new IPCMessageReader(this.#child), new IPCMessageWriter(this.#child), undefined, {
      messageStrategy: { handleMessage: async (message, next) => { this.#handled += 1; await next(message); } },
    });
    this.#connection.onError(() => undefined); // whatever it is, the end of the process follows, and tells more
    this.#connection.onNotification(planned, ({ job, plan }) => { listener.planned(job, plan); });
    this.#connection.onNotification(stepped, (step) => { listener.stepped(ownArrays(step)); });
    this.#connection.onNotification(progressed, (progress) => { listener.progressed(ownPicture(progress)); });
    this.#connection.onNotification(runFinished, (run) => { listener.runFinished(run); });
    this.#connection.onNotification(partFinished, (part) => { listener.partFinished(part); });
    this.#connection.onNotification(told, (message) => { listener.told(message); });
    this.#connection.onNotification(memoryUsed, ({ bytes }) => { if (process.platform !== 'linux') this.#checkMemory(bytes); });
    this.#connection.listen();
    this.ended = this.#end(() => received);
  }

  /** Undefined where it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Why the process is gone, once it is. */
  async fault(): Promise<JobFault> {
    const end = await this.ended;
    return this.#fault ?? faultOfEnd(end);
  }

  /** Carry out a spec. @throws ResponseError<EngineFault>, or another error once the process is ending */
  run(params: RunParams, signal: AbortSignal): Promise<RunAnswer> {
    return this.#ask(signal, (token) => this.#connection.sendRequest(runRequest, params, token));
  }

  /** @throws as `run` */
  identify(params: IdentifyParams, signal: AbortSignal): Promise<readonly TrainedOn[]> {
    return this.#ask(signal, (token) => this.#connection.sendRequest(identifyRequest, params, token));
  }

  /** @throws as `run` */
  report(params: ReportParams): Promise<string> {
    return this.#work(() => this.#connection.sendRequest(reportRequest, params));
  }

  /** End the process at once. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Ask the process to end, kill it where it does not within `graceMs`, and wait until it is gone. */
  async close(graceMs: number): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => { this.kill(); }, graceMs);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ask for something that a signal can stop. */
  #ask<R>(signal: AbortSignal, send: (token: CancellationToken) => Promise<R>): Promise<R> {
    return this.#work(async () => {
      const cancellation = new CancellationTokenSource();
      const cancel = (): void => { cancellation.cancel(); };
      signal.addEventListener('abort', cancel);
      try {
        return await send(cancellation.token);
      } finally {
        signal.removeEventListener('abort', cancel);
        cancellation.dispose();
      }
    });
  }

  async #end(received: () => number): Promise<EngineEnd> {
    const child = this.#child;
    let error: Error | undefined;
    const [code, signal] = await new Promise<[EngineEnd['code'], EngineEnd['signal']]>((resolve) => {
      child.on('error', (reason) => {
        if (child.pid !== undefined) return; // about a message or a signal
        error = reason;
        resolve([null, null]);
      });
      child.once('exit', (...how) => { resolve(how); });
    });
    if (error === undefined) {
      // What it wrote and sent before may still be on its way. (Its `close` would tell, but is left out where we close the channel.)
      for (const stream of [child.stdout, child.stderr]) if (stream !== null) await finished(stream);
      if (child.connected) await new Promise((resolve) => { child.once('disconnect', resolve); });
    }
    // The connection hands on one message a turn.
    for (let turns = received() - this.#handled; turns > 0; turns--) await setImmediate();
    this.#connection.dispose(); // rejects what waits for an answer
    return { code, signal, lastWords: this.#lastWords(), ...(error !== undefined && { error }) };
  }

  /** Watch the memory as long as there is work. */
  async #work<T>(work: () => Promise<T>): Promise<T> {
    this.#working += 1;
    if (this.#working === 1) void this.#pollMemory();
    try {
      return await work();
    } finally {
      this.#working -= 1;
    }
  }

  async #pollMemory(): Promise<void> {
    // Linux only; elsewhere the engine's own word counts.
    for (let status = '', pid = this.#child.pid; this.#working > 0 && pid !== undefined; ) {
      status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      if (status === '') return;
      // Weights that are mapped from their files do not count: the system takes that memory back when it needs it. (The engine's own word counts them.)
      this.#checkMemory(Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024);
      await new Promise((resolve) => { setTimeout(resolve, memoryPollMs).unref(); });
    }
  }

  #checkMemory(bytes: number): void {
    if (bytes <= this.#memoryLimitMb * 2 ** 20 || this.#fault !== undefined) return;
    this.#fault = memoryFault(bytes, this.#memoryLimitMb);
    this.kill();
  }
}
