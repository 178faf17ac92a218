import { readdir, readFile } from 'node:fs/promises';
import { unzipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { packageExtension, targets } from '../../tools/packageExtension.ts';

const natives = 'extension/node_modules/onnxruntime-node/bin/';
/** What may ship, and nothing else. */
const shipped = /^(\[Content_Types\]\.xml|extension\.vsixmanifest|extension\/(package\.json|package\.nls(\.ja)?\.json|readme\.md|changelog\.md|LICENSE\.txt|THIRD_PARTY_NOTICES\.txt|dist\/(later\/)?[\w-]+\.(cjs|mjs)|dist\/(timeline|compare|sweep)\/main\.(js|css)|media\/.+\.(png|svg|md)|l10n\/bundle\.l10n\.ja\.json|models\/scenes\/.+\.(json|onnx|safetensors|txt|md)|node_modules\/onnxruntime-(node|common)\/.+\.(js|json|node|dll|dylib|so\.1)))$/;

describe.each(targets)('the package %s', (target) => {
  it('holds what the extension needs there, and nothing else', async () => {
    const bytes = await readFile(await packageExtension(target));
    const names: string[] = [];
    const texts = unzipSync(bytes, { filter: ({ name }) => {
      names.push(name);
      return /\/package\.json$|^extension\.vsixmanifest$|NOTICES/.test(name);
    } });
    const text = (name: string) => Buffer.from(texts[name]).toString();

    expect(names.filter((name) => !shipped.test(name))).toEqual([]);
    expect(names).toEqual(expect.arrayContaining([
      'extension/dist/extension.cjs', 'extension/dist/engine.mjs', 'extension/dist/probe.mjs', 'extension/dist/timeline/main.js', 'extension/dist/timeline/main.css', 'extension/dist/compare/main.js', 'extension/dist/sweep/main.js',
      'extension/models/scenes/unet/model.onnx', 'extension/models/scenes/saes/mid_block.attentions.0/sae_weights.safetensors', 'extension/models/scenes/judge/judge.json',
    ]));

    const native = names.filter((name) => name.startsWith(natives));
    const [os, arch] = target.split('-');
    if (target === 'universal') {
      expect(names.filter((name) => name.includes('node_modules'))).toEqual([]);
      expect(text('extension.vsixmanifest')).not.toContain('TargetPlatform');
    } else {
      expect(native.filter((name) => !name.startsWith(`${natives}napi-v6/${os}/${arch}/`))).toEqual([]);
      expect(native).toContain(`${natives}napi-v6/${os}/${arch}/onnxruntime_binding.node`);
      expect(native.length).toBeGreaterThan(1); // the library that the binding loads
      expect(text('extension.vsixmanifest')).toContain(`TargetPlatform="${target}"`);
    }
    expect(JSON.parse(text('extension/package.json'))).not.toMatchObject({ devDependencies: expect.anything() as unknown });

    // Whoever's code ships is named, with version and terms.
    const notices = text('extension/THIRD_PARTY_NOTICES.txt').split(/^=+\n(?=\S)/m);
    for (const name of [...await bundled(), ...target === 'universal' ? [] : ['onnxruntime-node', 'onnxruntime-common']]) {
      const { version } = JSON.parse(await readFile(`node_modules/${name}/package.json`, 'utf8')) as { version: string };
      const own = notices.find((notice) => notice.startsWith(`${name} ${version} (`));
      const brought = await readFile(`node_modules/${name}/LICENSE`, 'utf8').catch(() => undefined);
      if (brought === undefined || brought.includes('Copyright')) expect(own, name).toMatch(/Copyright/); // one names nobody
      expect(own, name).toMatch(/Permission is hereby granted|Redistributions? (and use|of)|Grant of Copyright License/);
    }
    expect(notices.some((notice) => notice.includes('DirectML.dll'))).toBe(target.startsWith('win32'));

    // The README says how large it is.
    const readme = await readFile('README.md', 'utf8');
    const [, said] = new RegExp(`\\| ${target} \\| ([\\d.]+) MB \\|`).exec(readme) ?? [];
    expect(bytes.length / 1e6 / Number(said)).toBeCloseTo(1, 1);
  });
});

/** Packages in the bundles, as the source maps have them. */
async function bundled(): Promise<string[]> {
  const maps = (await readdir('dist', { recursive: true })).filter((name) => name.endsWith('.map'));
  const sources = await Promise.all(maps.map(async (name) => (JSON.parse(await readFile(`dist/${name}`, 'utf8')) as { sources: string[] }).sources));
  const names = new Set(sources.flat().flatMap((source) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(source)?.[1] ?? []));
  expect(names).toContain('preact');
  return [...names];
}
