import { Worker } from 'node:worker_threads';

/** How long this process may go on without its parent, so that it can clean up. */
const graceMs = 3000;

/**
 * Kill this process soon after its parent is gone, whatever its main thread does: native code blocks that thread, and with it the news
 * that the channel has closed. The watch runs on a thread of its own and keeps nothing alive.
 */
export function watchParent(parent: number): void {
  new Worker(watch, { eval: true, workerData: { parent, graceMs, pollMs: 500 }, stdout: false, stderr: false }).unref();
}

/** A worker of a bundle needs a file of its own or a text; it may use nothing but Node. Windows does not tell of a new parent, but of a missing one. */
const watch = `
  const { workerData: { parent, graceMs, pollMs } } = require('node:worker_threads');
  const orphaned = () => {
    if (process.platform !== 'win32') return process.ppid !== parent;
    try { process.kill(parent, 0); return false; } catch (error) { return error.code === 'ESRCH'; }
  };
  setInterval(() => { if (orphaned()) setTimeout(() => process.kill(process.pid, 'SIGKILL'), graceMs); }, pollMs);
`;
