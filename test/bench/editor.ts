import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openBrowser } from '../../tools/vscode/browser.ts';
import { startServer } from '../../tools/vscode/server.ts';
import { automate } from '../editor/support/automate.ts';

const windows = 3;

/**
 * In the extension host of a real VS Code. `activation_ms`: loading the extension and activating it, the median of three windows. `first_lenses_ms`: what people wait for, from the opening
 * of a first spec, with all that is loaded on the way, to its lenses; the median of three windows. `host_block_ms`: the longest time that the event loop
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
    /** Start a suite in a folder of its own. @returns what it has measured */
    const measure = async <T>(suite: string, window: number): Promise<T> => {
      const folder = join(scratch, `${suite}-${window}`);
      await mkdir(folder);
      const ended = console.next();
      await page.goto(server.url({ folder, extension: root, tests: join(root, `out/test/editor/suites/${suite}.cjs`) }));
      if (await ended !== 0) throw new Error(console.text());
      return JSON.parse(await readFile(join(scratch, `${suite}.json`), 'utf8')) as T;
    };
    const measured: { activation: number; stall: number; firstLenses: number }[] = [];
    for (let window = 0; window < windows; window++) {
      measured.push({ ...await measure<{ activation: number; stall: number }>('measuring', window), ...await measure<{ firstLenses: number }>('opening', window) });
    }
    return {
      activation_ms: median(measured.map(({ activation }) => activation)),
      first_lenses_ms: median(measured.map(({ firstLenses }) => firstLenses)),
      host_block_ms: median(measured.map(({ stall }) => stall)),
    };
  } finally {
    await browser.close();
    await server.stop();
    await rm(scratch, { recursive: true, force: true });
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
