import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { openBrowser } from '../../tools/vscode/browser.ts';

/** VS Code's own themes, each with the class that it gives the body of a webview. */
export const themes = {
  light: 'vscode-light',
  dark: 'vscode-dark',
  'hc-dark': 'vscode-high-contrast',
  'hc-light': 'vscode-high-contrast vscode-high-contrast-light',
} as const;

/** A panel in a browser, without an editor. */
export interface PanelHarness {
  /** Size of the panel's script. */
  readonly scriptBytes: number;
  /** A page with the panel as it is before any data have come; `window.harness` (harness.ts beside the panel) is its host. */
  page(options?: { readonly width?: number; readonly height?: number; readonly theme?: keyof typeof themes }): Promise<Page>;
  close(): Promise<void>;
}

const bundle = {
  bundle: true, minify: true, write: false, outdir: '/', entryNames: '[name]', platform: 'browser', target: 'es2022', format: 'iife',
  jsx: 'automatic', jsxImportSource: 'preact', logLevel: 'error',
} as const;

/** Bundle panel and host, serve them on this machine, and start a browser. @param root folder of the repository @param panel its folder in webview/ */
export async function openPanelHarness(root: string, panel = 'timeline'): Promise<PanelHarness> {
  const { outputFiles } = await build({ ...bundle, entryPoints: [`${root}/webview/${panel}/main.tsx`, `${root}/webview/${panel}/harness.ts`] });
  const files = new Map(outputFiles.map(({ path, contents }) => [path, contents]));
  for (const name of ['index.html', 'themes.css']) files.set(`/${name}`, await readFile(`${root}/test/ui/harness/${name}`));
  const types: Readonly<Record<string, string>> = { html: 'text/html', css: 'text/css', js: 'text/javascript' };
  const server = createServer(({ url }, response) => {
    const contents = files.get(url ?? '');
    response.writeHead(contents === undefined ? 404 : 200, { 'content-type': types[url?.split('.').at(-1) ?? ''] ?? 'text/plain' }).end(contents);
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  const browser = await openBrowser();
  return {
    scriptBytes: files.get('/main.js')?.length ?? 0,
    async page({ width = 1200, height = 900, theme = 'light' } = {}) {
      const page = await (await browser.newContext({ viewport: { width, height } })).newPage();
      await page.goto(`http://127.0.0.1:${port}/index.html`);
      await page.evaluate(`harness.wear(${JSON.stringify(theme)}, ${JSON.stringify(themes[theme])})`);
      return page;
    },
    async close() {
      await browser.close();
      server.close();
    },
  };
}
