import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';

/** Memory that belongs to this process alone and is backed by no file, in MB; null where the system does not tell (it does on Linux). Weights that are mapped are the file's. */
export async function privateMegabytes(): Promise<number | null> {
  const text = await readFile('/proc/self/smaps_rollup', 'utf8').catch(() => undefined);
  if (text === undefined) return null;
  const kilobytes = Array.from(text.matchAll(/^Private_(?:Dirty|Hugetlb): +(\d+) kB$/gm), (match) => Number(match[1]));
  return kilobytes.reduce((sum, value) => sum + value, 0) / 1024;
}

/** Looks every 20 ms, from a thread of its own, how much memory without a file is in use: ONNX Runtime holds the main one. @returns ends it, and gives the most seen, in MB */
export function watchPeak(): () => Promise<number | null> {
  const worker = new Worker(`
    const { readFileSync } = require('node:fs');
    const { parentPort } = require('node:worker_threads');
    let most = 0;
    const look = () => { try { most = Math.max(most, Number(/^RssAnon:\\s+(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024); } catch { most = 0; } };
    const timer = setInterval(look, 20);
    parentPort.once('message', () => { clearInterval(timer); parentPort.postMessage(most === 0 ? null : most); });
  `, { eval: true });
  return () => new Promise((resolve) => {
    worker.once('message', (most: number | null) => { resolve(most); });
    worker.postMessage('end');
  });
}
