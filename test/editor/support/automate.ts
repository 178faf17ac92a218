import type { Page } from 'playwright-core';

/** What the windows of a page tell about the tests in their extension host. */
export interface Automation {
  /** What the window that is opened next ends with. @throws Error when that takes more than five minutes */
  next(): Promise<number>;
  /** The last lines of the console. */
  text(): string;
}

/** Listen to the tests of a page's windows; VS Code calls two functions that it finds in the page. */
export async function automate(page: Page): Promise<Automation> {
  const lines: string[] = [];
  const waiting: ((code: number) => void)[] = [];
  page.on('console', (message) => { lines.push(message.text()); });
  await page.exposeFunction('codeAutomationLog', (_type: string, args: readonly unknown[]) => { lines.push(args.join(' ')); });
  await page.exposeFunction('codeAutomationExit', (code: number) => { waiting.shift()?.(code); });
  const text = () => lines.filter((line) => !line.includes('bindings file')).slice(-20).join('\n'); // native modules of VS Code that it does without
  return {
    text,
    next: () => new Promise((done, fail) => {
      const late = setTimeout(() => { fail(new Error(`not within five minutes:\n${text()}`)); }, 300_000).unref(); // one that is never to end keeps nobody waiting
      waiting.push((code) => { clearTimeout(late); done(code); });
    }),
  };
}
