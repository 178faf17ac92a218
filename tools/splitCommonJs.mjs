import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

/**
 * Splits a CommonJS bundle into what is loaded at once and what `import()` loads later. esbuild splits ES modules only, and into a file for every set of places that need the same code,
 * where reading a file costs more than what is in it. So its files are put together again, as CommonJS: the entry point with all that it needs at once; a file for each `import()`;
 * and `shared.cjs` with what several of those need. No module is in two of them.
 * @param {import('esbuild').BuildOptions & { format: 'cjs', outdir: string }} options with one entry point
 * @param {string} later folder below `outdir` for all but the entry point; what other builds left there is removed
 * @returns {import('esbuild').BuildOptions}
 */
export function splitCommonJs({ define, banner, minify, plugins = [], ...options }, later) {
  return {
    ...options, minify, plugins: [...plugins, { name: 'split-commonjs', setup: ({ onEnd }) => { onEnd(putTogether); } }],
    format: 'esm', splitting: true, write: false, metafile: true, sourcemap: 'inline', chunkNames: `${later}/[name]-[hash]`,
  };

  /** @param {import('esbuild').BuildResult} result */
  async function putTogether({ errors, outputFiles = [], metafile }) {
    if (errors.length > 0) return;
    const texts = new Map(outputFiles.map(({ path, text }) => [path, text]));
    const outputs = new Map(Object.entries(metafile?.outputs ?? {}).map(([path, output]) => [resolve(path), output]));
    /** @param {string} path @param {Set<string>} found @returns {Set<string>} */
    const neededBy = (path, found = new Set()) => {
      if (found.has(path)) return found;
      found.add(path);
      for (const one of outputs.get(path)?.imports ?? []) if (one.kind === 'import-statement' && !one.external) neededBy(resolve(one.path), found);
      return found;
    };
    const [entry] = [...texts.keys()].filter((path) => basename(path, '.js') === basename(String(options.entryPoints?.[0]), '.ts'));
    const atOnce = neededBy(entry);
    /** What file each of esbuild's files goes to. @param {string} path */
    const placeOf = (path) => atOnce.has(path)
      ? resolve(options.outdir, `${basename(entry, '.js')}.cjs`)
      : resolve(options.outdir, later, outputs.get(path)?.entryPoint === undefined ? 'shared.cjs' : `${basename(path, '.js').replace(/-[^-]*$/, '')}.cjs`);

    const places = new Set([...texts.keys()].map(placeOf));
    await mkdir(resolve(options.outdir, later), { recursive: true });
    for (const place of places) {
      const inside = [...texts.keys()].filter((path) => placeOf(path) === place);
      await build({
        bundle: true, format: 'cjs', platform: options.platform, target: options.target, external: options.external, define, banner, minify, sourcemap: true, outfile: place, logLevel: options.logLevel,
        supported: { 'dynamic-import': false },
        stdin: {
          resolveDir: options.outdir,
          contents: inside.flatMap((path) => [
            ...(outputs.get(path)?.entryPoint === undefined ? [] : [`export * from ${JSON.stringify(path)};`]), // for VS Code, or for an `import()`
            ...(path === entry ? [] : [`export * as ${nameOf(path)} from ${JSON.stringify(path)};`]), // for the other files
          ]).join('\n'),
        },
        plugins: [{
          name: 'files-of-esbuild',
          setup({ onLoad, onResolve }) {
            onResolve({ filter: /^[./]/ }, ({ path, resolveDir, kind }) => {
              const file = resolve(resolveDir, path);
              if (!texts.has(file)) return undefined;
              if (placeOf(file) === place) return { path: file };
              return kind === 'dynamic-import' ? { path: toward(place, placeOf(file)), external: true } : { path: file, namespace: 'elsewhere' };
            });
            onLoad({ filter: /./, namespace: 'file' }, ({ path }) => (texts.has(path) ? { contents: texts.get(path), resolveDir: join(path, '..') } : undefined));
            onLoad({ filter: /./, namespace: 'elsewhere' }, ({ path }) => ({ contents: `module.exports = require(${JSON.stringify(toward(place, placeOf(path)))}).${nameOf(path)};` }));
            onResolve({ filter: /./, namespace: 'elsewhere' }, ({ path }) => ({ path, external: true }));
          },
        }],
      });
    }
    const fresh = new Set([...places].flatMap((place) => [basename(place), `${basename(place)}.map`]));
    for (const name of await readdir(resolve(options.outdir, later))) if (!fresh.has(name)) await rm(join(options.outdir, later, name));
  }
}

/** @param {string} path of one of esbuild's files. @returns what its exports are called where it has been put */
function nameOf(path) {
  return basename(path, '.js').replace(/\W/g, '_');
}

/** @param {string} from file. @param {string} to file */
function toward(from, to) {
  const path = relative(join(from, '..'), to).replaceAll('\\', '/');
  return path.startsWith('.') ? path : `./${path}`;
}
