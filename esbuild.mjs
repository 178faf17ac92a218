// Bundles what ships: the extension (CommonJS, as VS Code loads it), its engine process, its panels, and the command line.
import { mkdir, writeFile } from 'node:fs/promises';
import { build, context } from 'esbuild';
import { splitCommonJs } from './tools/splitCommonJs.mjs';

const watch = process.argv.includes('--watch');

/** @type {import('esbuild').BuildOptions} */
const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
  external: ['vscode', 'onnxruntime-node'],
  // jsonc-parser's `main` is a UMD file whose inner requires esbuild cannot follow.
  mainFields: ['module', 'main'],
};

// vscode-jsonrpc is CommonJS and requires Node's own modules, which an ES module cannot without this.
const requireInModule = "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

// A CommonJS bundle has no import.meta; the built-in model is found from where the bundle lies.
/** @type {import('esbuild').BuildOptions} */
const commonJs = { ...shared, format: 'cjs', define: { 'import.meta.url': 'moduleUrl' }, banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" } };

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  splitCommonJs({ ...commonJs, entryPoints: ['src/extension.ts'], outdir: 'dist', minify: !watch }, 'later'),
  { ...shared, entryPoints: ['src/engine/main.ts'], outfile: 'dist/engine.mjs', format: 'esm', banner: { js: requireInModule } },
  { ...shared, entryPoints: ['src/engine/probeMain.ts'], outfile: 'dist/probe.mjs', format: 'esm', banner: { js: requireInModule } },
  ...['timeline', 'compare', 'sweep'].map((panel) => /** @type {const} */ ({
    ...shared, entryPoints: [`webview/${panel}/main.tsx`], outdir: `dist/${panel}`, entryNames: '[name]', platform: 'browser', target: 'es2022', format: 'iife', jsx: 'automatic', jsxImportSource: 'preact', minify: !watch,
  })),
  { ...shared, entryPoints: ['src/cli.ts'], outfile: 'dist/cli.mjs', format: 'esm', banner: { js: '#!/usr/bin/env node' } },
];

/** What does not ship, kept in out/. @type {import('esbuild').BuildOptions} */
const workshop = { ...shared, packages: 'external', outdir: 'out', outbase: '.', format: 'esm', outExtension: { '.js': '.mjs' } };

/** @type {Record<string, import('esbuild').BuildOptions[]>} */
const others = {
  '--bench': [{ ...shared, entryPoints: { main: 'test/bench/main.ts', peers: 'test/bench/peers/main.ts' }, outdir: 'out/bench', outExtension: { '.js': '.mjs' }, format: 'esm', banner: { js: requireInModule }, external: [...shared.external, 'esbuild', 'playwright-core'] }],
  '--tools': [{ ...workshop, entryPoints: ['tools/start.ts', 'tools/package.ts', 'tools/studyPaper.ts', 'tools/interventionPictures.ts', 'tools/docsSupported.ts'] }],
  '--tests': [
    { ...workshop, entryPoints: ['test/editor/main.ts', 'test/editor/electron.ts'] },
    { ...commonJs, packages: 'external', entryPoints: ['test/editor/suites/*.ts'], outdir: 'out', outbase: '.', outExtension: { '.js': '.cjs' } },
  ],
};

const other = Object.keys(others).find((flag) => process.argv.includes(flag));
/** @type {Set<string>} */
const packages = new Set();
for (const options of other === undefined ? bundles : others[other]) {
  if (watch) await (await context({ ...options, logLevel: 'info' })).watch();
  else for (const folder of packagesOf(await build({ ...options, metafile: true }))) packages.add(folder);
}
if (!watch && other === undefined) { // tools/package says whose code it is
  await mkdir('out', { recursive: true });
  await writeFile('out/bundled.json', JSON.stringify([...packages].sort()));
}

/** Folders of the packages whose code has gone into a bundle. @param {{ metafile: import('esbuild').Metafile }} result @returns {string[]} */
function packagesOf({ metafile }) {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs)).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return inputs.flatMap(([path]) => /^.*node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []);
}
