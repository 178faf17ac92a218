import childProcess from 'node:child_process';
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import Module, { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';

/** What VS Code loads; `npm test` builds it first. */
const bundle = 'dist/extension.cjs';
/** What that loads when it is needed. */
const later = 'dist/later';
/** More code at activation than this is felt. */
const mostAtOnce = 64 * 1024;

/** Answers to everything, with itself. */
function anything(): unknown {
  return new Proxy(function () { /* called and constructed */ }, {
    get: (_, key) => (key === 'then' ? undefined : key === Symbol.toPrimitive ? () => '' : anything()),
    apply: anything, construct: () => anything() as object, set: () => true,
  });
}

interface Loader { _load(request: string, ...rest: unknown[]): unknown }

/** The bundle as VS Code would have it, in a world that says yes to all. */
function load(): { activate(context: unknown): unknown; deactivate(): Promise<void> } {
  const loader = Module as unknown as Loader;
  const original = loader._load.bind(loader);
  const vscode = new Proxy({}, { get: (_, key) => (key === '__esModule' ? undefined : anything()) });
  vi.spyOn(loader, '_load').mockImplementation((request, ...rest) => (request === 'vscode' ? vscode : original(request, ...rest)));
  const require = createRequire(import.meta.url);
  const path = require.resolve(`../../../${bundle}`);
  Reflect.deleteProperty(require.cache, path);
  return require(path) as ReturnType<typeof load>;
}

describe('the bundle of the extension', () => {
  afterEach(() => { vi.restoreAllMocks(); });

  it('does not load ONNX Runtime, whose native code would block and crash the editor', () => {
    const files = [bundle, ...fs.readdirSync(later).filter((name) => name.endsWith('.cjs')).map((name) => `${later}/${name}`)];
    for (const file of files) expect(fs.readFileSync(file, 'utf8')).not.toMatch(/(?:require|import)\(["']onnxruntime/);
  });

  it('loads little code at once', () => {
    load();
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((path) => path.startsWith(resolve('dist')));
    expect(loaded).toContain(resolve(bundle));
    expect(loaded.reduce((sum, path) => sum + fs.statSync(path).size, 0)).toBeLessThan(mostAtOnce);
  });

  it('activates without reading a file or starting a process', async () => {
    const touched: string[] = [];
    const extension = load();
    for (const [name, module] of Object.entries({ fs, fsPromises, childProcess })) {
      for (const [key, value] of Object.entries(module)) {
        if (typeof value !== 'function' || /^[A-Z_]/.test(key)) continue;
        vi.spyOn(module as unknown as Record<string, () => unknown>, key).mockImplementation(() => { touched.push(`${name}.${key}`); });
      }
    }
    extension.activate({ subscriptions: [], extensionUri: anything(), asAbsolutePath: (path: string) => path });
    await new Promise((resolve) => { setImmediate(resolve); });
    vi.restoreAllMocks();
    expect(touched).toEqual([]);
    await extension.deactivate();
  });
});
