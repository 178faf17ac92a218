import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../../tools/vscode/browser.ts';
import { startServer, type ServerOptions } from '../../tools/vscode/server.ts';
import type { EditorResult } from './result.ts';

/** `node out/test/editor/main.mjs [suite ...]`: mocha suites inside the extension host of a real VS Code; the last line is `N passed, N failed`. */

const root = resolve(import.meta.dirname, '../../..');

/** A window after the other; suites of one launch share a server and a profile, so that the later find what the earlier have left. */
const launches: readonly { readonly suites: readonly string[]; readonly options?: ServerOptions }[] = [
  { suites: ['editing'] },
];

const wanted = process.argv.slice(2);
let [passed, failed] = [0, 0];

function report(title: string, error: string | null): void {
  if (error === null) passed++; else failed++;
  console.log(`${error === null ? '✓' : '✗'} ${title}${error === null ? '' : `\n${error}`}`);
}

const browser = await openBrowser();
for (const { suites, options } of launches) {
  const chosen = suites.filter((suite) => wanted.length === 0 || wanted.includes(suite));
  if (chosen.length > 0) await launch(browser, chosen, options);
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;

async function launch(browser: Browser, suites: readonly string[], options: ServerOptions = {}): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'dmi-editor-'));
  const folder = join(scratch, 'workspace');
  await cp(join(root, 'test/editor/workspace'), folder, { recursive: true });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  for (const suite of suites) {
    const file = join(scratch, `${suite}.json`);
    const server = await startServer({ ...options, env: { DMI_SUITE: suite, DMI_RESULTS: file } });
    try {
      const page = await context.newPage();
      const { code, log } = await runInWindow(page, server.url({ folder, extension: root, tests: join(root, 'out/test/editor/index.cjs') }));
      await page.close();
      const results = await readFile(file, 'utf8').then((text) => JSON.parse(text) as EditorResult[], () => []);
      for (const { title, error } of results) report(`${suite} › ${title}`, error);
      if (results.length === 0) report(`${suite} runs`, `VS Code ended with ${code}:\n${log}`);
    } catch (error) {
      report(`${suite} runs`, String(error));
    }
    await server.stop().then(() => { report(`${suite} › no process is left`, null); }, (error: unknown) => { report(`${suite} › no process is left`, String(error)); });
  }
  await context.close();
  await rm(scratch, { recursive: true, force: true });
}

/** Open a window that runs tests. @returns what VS Code ended with, and what was written to its console @throws Error when it does not end within five minutes */
async function runInWindow(page: Page, url: string): Promise<{ code: number; log: string }> {
  const lines: string[] = [];
  page.on('console', (message) => { lines.push(message.text()); });
  const ended = new Promise<number>((resolve, reject) => {
    const late = setTimeout(() => { reject(new Error(`VS Code did not end within five minutes:\n${lines.slice(-50).join('\n')}`)); }, 300_000);
    void page.exposeFunction('codeAutomationLog', (_type: string, args: readonly unknown[]) => { lines.push(args.join(' ')); });
    void page.exposeFunction('codeAutomationExit', (code: number) => { clearTimeout(late); resolve(code); });
  });
  await page.goto(url);
  return { code: await ended, log: lines.slice(-50).join('\n') };
}
