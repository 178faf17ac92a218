import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { createVSIX } from '@vscode/vsce';
import { thirdPartyNotices } from './thirdPartyNotices.ts';

/** Platforms that ONNX Runtime has native code for; everybody else gets the package without any. */
const platforms = ['linux-x64', 'linux-arm64', 'win32-x64', 'win32-arm64', 'darwin-arm64'] as const;
export const targets = [...platforms, 'universal'] as const;
export type Target = (typeof targets)[number];

/** The package for the machine that this runs on. */
export const thisPlatform: Target = targets.find((target) => target === `${process.platform}-${process.arch}`) ?? 'universal';

const root = resolve(import.meta.dirname, import.meta.dirname.includes(`${sep}out${sep}`) ? '../..' : '..');
const shipped = ['dist', 'media', 'models', 'l10n', 'package.nls.json', 'package.nls.ja.json', 'README.md', 'CHANGELOG.md', 'LICENSE'];
const forDevelopers = ['private', 'scripts', 'devDependencies', 'overrides'];
const runtime = join('node_modules', 'onnxruntime-node');
const common = join('node_modules', 'onnxruntime-common');
const natives = join('bin', 'napi-v6');

/**
 * Make the package of one platform from what has been built. It holds that platform's native files and nobody else's.
 * @returns its path, out/vsix/dmi-lens-<version>-<target>.vsix
 */
export async function packageExtension(target: Target): Promise<string> {
  const everything = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest;
  const manifest = Object.fromEntries(Object.entries(everything).filter(([key]) => !forDevelopers.includes(key))) as unknown as Manifest;
  const folder = join(root, 'out', 'vsix');
  await mkdir(folder, { recursive: true });
  const stage = await mkdtemp(join(folder, `${target}-`));
  try {
    const present = await readdir(root);
    for (const name of shipped.filter((entry) => present.includes(entry))) await cp(join(root, name), join(stage, name), { recursive: true });
    if (target === 'universal') delete manifest.dependencies;
    else await stageRuntime(stage, target);
    await writeFile(join(stage, 'package.json'), JSON.stringify(manifest, undefined, 2));
    const bundled = JSON.parse(await readFile(join(root, 'out', 'bundled.json'), 'utf8')) as string[];
    const beside = target === 'universal' ? [] : [runtime, common];
    await writeFile(join(stage, 'THIRD_PARTY_NOTICES.txt'), await thirdPartyNotices(root, [...bundled, ...beside], target.startsWith('win32')));

    const packagePath = join(folder, `${manifest.name}-${manifest.version}-${target}.vsix`);
    await createVSIX({
      cwd: stage, packagePath, ignoreFile: join(root, '.vscodeignore'), dependencies: target !== 'universal', allowMissingRepository: true, rewriteRelativeLinks: false,
      ...(target === 'universal' ? {} : { target }),
    });
    return packagePath;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  dependencies?: Readonly<Record<string, string>>;
}

/** ONNX Runtime without the other platforms' code, and without the packages that only its install script needs. */
async function stageRuntime(stage: string, platform: string): Promise<void> {
  const [os, arch] = platform.split('-');
  await cp(join(root, runtime, 'dist'), join(stage, runtime, 'dist'), { recursive: true });
  await cp(join(root, runtime, natives, os, arch), join(stage, runtime, natives, os, arch), { recursive: true });
  const { name, version, license, main } = JSON.parse(await readFile(join(root, runtime, 'package.json'), 'utf8')) as Record<string, string>;
  await writeFile(join(stage, runtime, 'package.json'), JSON.stringify({ name, version, license, main, dependencies: { 'onnxruntime-common': version } }));
  await cp(join(root, common, 'package.json'), join(stage, common, 'package.json'));
  await cp(join(root, common, 'dist', 'cjs'), join(stage, common, 'dist', 'cjs'), { recursive: true });
}
