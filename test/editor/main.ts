import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../../tools/vscode/browser.ts';
import { startServer, type ServerOptions, type VscodeServer } from '../../tools/vscode/server.ts';
import { automate } from './support/automate.ts';
import { eventually } from './support/eventually.ts';
import type { EditorResult } from './support/runMocha.ts';

/** `node out/test/editor/main.mjs [suite ...]`: mocha suites inside the extension host of a real VS Code; the last line is `N passed, N failed`. */

interface Launch {
  /** Each runs in the window that the one before has left: what lies between is a reload. */
  readonly suites: readonly string[];
  readonly options?: ServerOptions;
}

const launches: readonly Launch[] = [
  { suites: ['editing', 'language'] },
  { suites: ['running', 'restored'] },
  { suites: ['experiments', 'reopened'] },
  { suites: ['downloading', 'identifying'] },
  { suites: ['dying'] },
  { suites: ['restricted'], options: { askForTrust: true } },
];
/** Suites that do not end: they report, and wait in the midst of a run to be killed. */
const endless = ['dying'];

const root = resolve(import.meta.dirname, '../../..');
const wanted = process.argv.slice(2);
const fates: boolean[] = [];

async function test(title: string, body: () => Promise<void> | void): Promise<void> {
  const error = await Promise.resolve().then(body).then(() => undefined, (reason: unknown) => String(reason));
  fates.push(error === undefined);
  console.log(error === undefined ? `✓ ${title}` : `✗ ${title}\n${error}`);
}

const browser = await openBrowser();
for (const { suites, options } of launches) {
  if (wanted.length === 0 || suites.some((suite) => wanted.includes(suite))) await launch(browser, suites, options);
}
await browser.close();
const failed = fates.filter((passed) => !passed).length;
console.log(`${fates.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 && fates.length > 0 ? 0 : 1;

async function launch(window: Browser, suites: readonly string[], options: ServerOptions = {}): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'dmi-editor-'));
  const [folder, results] = [join(scratch, 'workspace'), join(scratch, 'results')];
  await mkdir(results);
  await cp(join(root, 'test/editor/workspace'), folder, { recursive: true });
  const server = await startServer({ ...options, env: { DMI_RESULTS: results } });
  const page = await window.newPage({ viewport: { width: 1280, height: 900 } });
  const console = await automate(page);
  for (const suite of suites) {
    const ended = console.next();
    await page.goto(server.url({ folder, extension: root, tests: join(root, `out/test/editor/suites/${suite}.cjs`) }));
    const file = join(results, `${suite}.json`);
    const over = endless.includes(suite) ? Promise.race([ended, eventually('results', () => readResults(file), (found) => found.length > 0, 120)]) : ended;
    const late = await over.then(() => null, String);
    if (late !== null) await test(`${suite} ends`, () => Promise.reject(new Error(late)));
    const found = await readResults(file);
    for (const { title, error } of found) await test(`${suite} › ${title}`, () => error === null ? Promise.resolve() : Promise.reject(new Error(error)));
    if (found.length === 0) await test(`${suite} runs`, () => Promise.reject(new Error(console.text())));
    if (endless.includes(suite)) {
      await test(`${suite} › an engine runs beside the extension host, and nothing else`, () => onlyEngine(server));
    }
    if (suite !== suites.at(-1)) {
      await test(`${suite} › a window that is left takes its engine with it`, async () => {
        await page.goto('about:blank');
        await eventually('the engine is gone', () => server.strangers(), (left) => left.length === 0, 10);
      });
    }
  }
  await page.close();
  await test(`${suites.join(', ')} › no process outlives VS Code`, () => server.stop());
  await rm(scratch, { recursive: true, force: true });
}

/** @returns none where the suite did not get as far as that */
async function readResults(file: string): Promise<readonly EditorResult[]> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as EditorResult[];
  } catch {
    return [];
  }
}

/** @throws Error unless an engine, and nothing else, is running */
async function onlyEngine(server: VscodeServer): Promise<void> {
  await eventually('an engine alone', () => server.strangers(), (all) => all.length === 1 && all[0].command.includes('engine.mjs'));
}
