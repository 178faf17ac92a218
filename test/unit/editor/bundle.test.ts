import childProcess from 'node:child_process';
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import Module, { createRequire } from 'node:module';
import { afterEach, describe, expect, it, vi } from 'vitest';

/** What VS Code loads; `npm test` builds it first. */
const bundle = 'dist/extension.cjs';

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
    expect(fs.readFileSync(bundle, 'utf8')).not.toMatch(/(?:require|import)\(["']onnxruntime/);
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
