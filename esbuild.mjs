// Bundles what ships: the extension (CommonJS, as VS Code loads it), the command line and the spec's JSON Schema in each language.
import { build, context } from 'esbuild';

const watch = process.argv.includes('--watch');

/** @type {import('esbuild').BuildOptions} */
const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  logLevel: 'info',
  external: ['vscode', 'onnxruntime-node'],
  // jsonc-parser's `main` is a UMD file whose inner requires esbuild cannot follow.
  mainFields: ['module', 'main'],
};

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  { ...shared, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.cjs', format: 'cjs' },
  { ...shared, entryPoints: ['src/cli.ts'], outfile: 'dist/cli.mjs', format: 'esm', banner: { js: '#!/usr/bin/env node' } },
];

for (const options of bundles) {
  if (watch) await (await context(options)).watch();
  else await build(options);
}
