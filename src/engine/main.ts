import { constants, setPriority } from 'node:os';
import process from 'node:process';
import type { CancellationToken } from 'vscode-jsonrpc';
import { createMessageConnection, IPCMessageReader } from 'vscode-jsonrpc/node';
import { CancelledError } from '../base/errors.ts';
import { decodeArguments } from './engineArguments.ts';
import { toResponseError } from './engineFault.ts';
import { identifySae } from './identifySae.ts';
import { IpcWriter } from './ipcWriter.ts';
import { identifyRequest, memoryUsed, partFinished, planned, progressed, reportRequest, runFinished, runRequest, stepped, told } from './protocol.ts';
import { reportStored } from './reportStored.ts';
import { runJob } from './runJob.ts';
import { WarmModels } from './warmModels.ts';
import { watchParent } from './watchParent.ts';

/**
 * The engine process of one window, forked by EngineProcess: carries out specs, tells of each step, and ends with the channel to its
 * parent. ONNX Runtime is loaded by the first job that has something to compute.
 */
watchParent(process.ppid);
// The editor goes first where both want a core; threads made from here on inherit it.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
const { machine, cacheLimitBytes } = decodeArguments(process.argv.slice(2));
const connection = createMessageConnection(new IPCMessageReader(process), new IpcWriter(), {
  error: (message) => { console.error(message); }, warn: (message) => { console.error(message); }, info: () => undefined, log: () => undefined,
});
const models = new WarmModels(machine, { tell: (what, kind) => connection.sendNotification(told, { what, kind }) });
const running = new Map<Promise<unknown>, AbortController>();

/** Do what a request asks for, in a way that its cancellation and the end of the channel reach. @throws ResponseError */
async function serve<T>(token: CancellationToken | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const subscription = token?.onCancellationRequested(() => { controller.abort(new CancelledError()); });
  const result = work(controller.signal);
  running.set(result, controller);
  try {
    return await result;
  } catch (error) {
    const fault = toResponseError(error);
    if (fault.data?.kind === 'internal') console.error(error);
    throw fault;
  } finally {
    running.delete(result);
    subscription?.dispose();
  }
}

connection.onRequest(runRequest, (params, token) => serve(token, (signal) => runJob(params, {
  signal, models, cacheLimitBytes,
  planned: (plan) => connection.sendNotification(planned, { job: params.job, plan }),
  stepped: async (step) => {
    await connection.sendNotification(memoryUsed, { bytes: process.memoryUsage.rss() });
    await connection.sendNotification(stepped, step);
  },
  progressed: async (progress) => {
    await connection.sendNotification(memoryUsed, { bytes: process.memoryUsage.rss() });
    await connection.sendNotification(progressed, progress);
  },
  runFinished: (run) => connection.sendNotification(runFinished, run),
  partFinished: (part) => connection.sendNotification(partFinished, part),
})));
connection.onRequest(identifyRequest, (params, token) => serve(token, (signal) => identifySae(params, machine.threads === undefined ? {} : { threads: machine.threads }, signal)));
connection.onRequest(reportRequest, (params, token) => serve(token, () => reportStored(params, models)));

// The window is gone. A run in the making stops at its next step and removes what it has written; watchParent() does not wait for ever.
process.on('disconnect', () => {
  for (const controller of running.values()) controller.abort(new CancelledError());
  void Promise.allSettled(running.keys()).then(() => { process.exit(); });
});
connection.listen();
