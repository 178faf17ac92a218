import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import * as vscode from 'vscode';
import { eventually } from '../support/eventually.ts';
import { extensionQueue, openSpec, smallSpec } from '../support/workspace.ts';

const runs = 3;
/** Milliseconds between two looks of the monitor at the event loop. */
const resolution = 1;

/** Measures that need the real extension host: for `npm run bench`, which starts it in a folder without specs. */
export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension('dmi-lens.dmi-lens');
  if (extension === undefined || extension.isActive) throw new Error('the extension is active before anything needs it');
  const start = performance.now();
  await extension.activate();
  const activation = performance.now() - start;

  // The least of a few runs: a stall of ours comes back in each, one of the machine's does not.
  const stalls: number[] = [];
  for (let seed = 0; seed < runs; seed++) stalls.push(await longestStall(seed));
  if (process.env.DMI_RESULTS !== undefined) writeFileSync(join(process.env.DMI_RESULTS, 'measuring.json'), JSON.stringify({ activation, stall: Math.min(...stalls) }));
}

/** Milliseconds that the event loop stood still during a traced run of 30 steps at every site, its panel open beside. */
async function longestStall(seed: number): Promise<number> {
  const queue = await extensionQueue();
  const { document } = await openSpec(`stall-${seed}.dmi.json`, smallSpec({ seeds: [seed], steps: 30 }));
  await vscode.commands.executeCommand('dmi.openTimeline', document.uri);
  const delays = monitorEventLoopDelay({ resolution });
  delays.enable();
  await vscode.commands.executeCommand('dmi.runTrace', document.uri);
  await eventually('the run is done', () => queue.jobOf(document.fileName), (job) => job?.text === document.getText() && job.state.kind === 'done', 60);
  delays.disable();
  return delays.max / 1e6 - resolution;
}
