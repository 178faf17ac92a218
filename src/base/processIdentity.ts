import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { sha256Text } from './sha256.ts';

/** Names one process on one machine, also after its number has been given to another. */
export const ProcessIdentity = Type.Object({
  /** Hash of the machine's name. */
  host: Type.String(),
  pid: Type.Integer(),
  /** When the process started, in clock ticks since boot; empty where the system does not tell. */
  started: Type.String(),
});
export type ProcessIdentity = Static<typeof ProcessIdentity>;

/** This process. */
export async function ownIdentity(): Promise<ProcessIdentity> {
  return { host: sha256Text(hostname()).slice(0, 8), pid: process.pid, started: await startOf(process.pid) };
}

/** Whether a process of this machine still runs. A process that may not be signalled is alive all the same. */
export async function isAlive({ pid, started }: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return (await startOf(pid)) === started;
}

/** Field 22 of `/proc/<pid>/stat` (proc(5)); the command before it may hold spaces and brackets, so count from its end. */
async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
