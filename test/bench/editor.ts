import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openBrowser } from '../../tools/vscode/browser.ts';
import { startServer } from '../../tools/vscode/server.ts';
import { automate } from '../editor/support/automate.ts';

const windows = 3;

/**
 * In the extension host of a real VS Code. `activation_ms`: loading the extension and activating it, the median of three windows. `host_block_ms`: the longest time that the event loop
 * of the extension host stood still during a run of 30 steps with every site traced and its panel open; of the best of a few runs in each window, the median.
 */
export async function bench(): Promise<Record<string, number>> {
  const root = resolve('.');
  const scratch = await mkdtemp(join(tmpdir(), 'dmi-bench-'));
  const server = await startServer({ env: { DMI_RESULTS: scratch } });
  const browser = await openBrowser();
  try {
    const page = await browser.newPage();
    const console = await automate(page);
    const measured: { activation: number; stall: number }[] = [];
    for (let window = 0; window < windows; window++) {
      const folder = join(scratch, `folder-${window}`);
      await mkdir(folder);
      const ended = console.next();
      await page.goto(server.url({ folder, extension: root, tests: join(root, 'out/test/editor/suites/measuring.cjs') }));
      if (await ended !== 0) throw new Error(console.text());
      measured.push(JSON.parse(await readFile(join(scratch, 'measuring.json'), 'utf8')) as typeof measured[number]);
    }
    return { activation_ms: median(measured.map(({ activation }) => activation)), host_block_ms: median(measured.map(({ stall }) => stall)) };
  } finally {
    await browser.close();
    await server.stop();
    await rm(scratch, { recursive: true, force: true });
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
