import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Frame, Locator, Page } from 'playwright-core';
import { openBrowser } from '../../tools/vscode/browser.ts';
import { startServer, type ServerOptions, type VscodeServer, type WindowOptions } from '../../tools/vscode/server.ts';
import { eventually } from '../editor/support/eventually.ts';

/** A window of VS Code as its user has it: seen, clicked and typed into, never called. */
export class Workbench {
  readonly server: VscodeServer;
  readonly page: Page;
  readonly #browser: Browser;
  #url = '';

  constructor(server: VscodeServer, browser: Browser, page: Page) {
    this.server = server;
    this.page = page;
    this.#browser = browser;
  }

  async open(window: WindowOptions): Promise<void> {
    await this.#goTo(this.server.url(window));
    this.#url = this.server.url({ folder: window.folder });
  }

  /** What closing a window and opening its folder again does: nothing is asked to be opened, all comes back by itself. */
  async reload(): Promise<void> {
    await this.#goTo(this.#url);
  }

  /** Wait until the browser has stored what the window would show again: VS Code writes it a few seconds late. */
  async stored(what: RegExp): Promise<void> {
    await eventually(`${what.source} in the browser's storage`, () => this.page.evaluate<string>(readStorage), (text) => what.test(text));
  }

  async #goTo(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor();
  }

  /** Close the window, and VS Code with it. @throws Error naming processes of the extension that are left */
  async close(): Promise<void> {
    await this.#browser.close();
    await this.server.stop();
  }

  /** Run a command by its title, as F1 does; the window may just be learning of it, and the list that is open does not grow. */
  async command(title: string): Promise<void> {
    const row = this.page.locator('.quick-input-widget .monaco-list-row').filter({ hasText: title }).first();
    await eventually(`${title} is offered`, async () => {
      await this.page.keyboard.press('F1');
      await this.page.locator('.quick-input-widget input').fill(`>${title}`);
      const offered = await row.waitFor({ timeout: 2_000 }).then(() => true, () => false);
      if (!offered) await this.page.keyboard.press('Escape'); // not before: in a tree it would give up what is selected
      return offered;
    }, (offered) => offered, 30);
    await row.click();
  }

  tab(name: string): Locator {
    return this.page.locator('.tab', { hasText: name });
  }

  async closeTab(name: string): Promise<void> {
    await this.tab(name).hover();
    await this.tab(name).locator('.codicon-close').click();
    await this.tab(name).waitFor({ state: 'detached' });
  }

  lens(text: string | RegExp): Locator {
    return this.page.locator('.codelens-decoration a').filter({ hasText: text });
  }

  /** Ask for completion until something is offered: what offers it may just be starting. */
  async suggest(text: string): Promise<Locator> {
    const row = this.page.locator('.suggest-widget.visible .monaco-list-row').filter({ hasText: text }).first();
    await eventually(`${text} is offered`, async () => {
      if (await row.isVisible()) return true;
      await this.page.keyboard.press('Escape');
      await this.page.keyboard.press('Control+Space');
      return row.waitFor({ timeout: 1_000 }).then(() => true, () => false);
    }, (offered) => offered, 30);
    return row;
  }

  /** Choose an offer. */
  async pick(text: string): Promise<void> {
    await (await this.suggest(text)).click();
    await this.page.locator('.suggest-widget.visible').waitFor({ state: 'detached' });
  }

  /** The icon of a view in the activity bar. */
  view(name: string): Locator {
    return this.page.locator(`.activitybar a[aria-label^="${name}"]`);
  }

  /** What is shown in a row of a view of the side bar. */
  treeRow(text: string | RegExp): Locator {
    return this.page.locator('.part.sidebar .monaco-list-row').filter({ hasText: text });
  }

  /** The document inside a panel, once it has drawn something. @param source what the panel shows, as its body says it: a spec, or runs a line each */
  async panel(source: RegExp): Promise<Frame> {
    return eventually(`the panel of ${source.source}`, async () => {
      for (const frame of this.page.frames()) {
        const shown = await frame.evaluate<string | null>("document.querySelector('main') && document.body.dataset.source").catch(() => null);
        if (shown !== null && source.test(shown)) return frame;
      }
      return undefined;
    });
  }

  /** Change the user's settings on disk; a reload reads them. */
  async configure(settings: Readonly<Record<string, unknown>>): Promise<void> {
    const file = join(this.server.profile, 'User', 'settings.json');
    await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')) as object, ...settings }));
  }
}

/** All that the databases of VS Code's windows hold, as one text; run in the page. */
const readStorage = `(async () => {
  const all = (request) => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = () => reject(request.error); });
  let text = '';
  for (const { name } of await indexedDB.databases()) {
    const database = await all(indexedDB.open(name));
    for (const store of database.objectStoreNames) text += (await all(database.transaction(store).objectStore(store).getAll())).filter((value) => typeof value === 'string').join();
    database.close();
  }
  return text;
})()`;

/** Start VS Code and a browser to look at it. */
export async function openWorkbench(options: ServerOptions): Promise<Workbench> {
  const server = await startServer(options);
  const browser = await openBrowser();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  return new Workbench(server, browser, page);
}
