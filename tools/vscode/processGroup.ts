import { readdir, readFile } from 'node:fs/promises';
import { runTool } from './runTool.ts';

/** A process that runs; the dead ones that nobody has buried yet are left out. */
export interface RunningProcess {
  readonly pid: number;
  readonly command: string;
}

/** Every process of a group. Linux tells by /proc, as a small machine may have no `ps`. */
export async function processGroup(group: number): Promise<RunningProcess[]> {
  return process.platform === 'linux' ? linux(group) : others(group);
}

async function linux(group: number): Promise<RunningProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map(async (pid) => {
    try {
      // pid (name, which may hold anything) state parent group ...
      const [state, , processGroup] = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
      if (state === 'Z' || processGroup !== String(group)) return [];
      const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
      return [{ pid: Number(pid), command }];
    } catch {
      return []; // gone meanwhile
    }
  }));
  return found.flat();
}

async function others(group: number): Promise<RunningProcess[]> {
  const lines = (await runTool('ps', ['-A', '-o', 'pid=,pgid=,stat=,args='], '/')).split('\n');
  return lines.flatMap((line) => {
    const fields = /^\s*(\d+)\s+(\d+)\s+([^Z]\S*)\s+(.*)$/.exec(line);
    return fields === null || Number(fields[2]) !== group ? [] : [{ pid: Number(fields[1]), command: fields[4] }];
  });
}
