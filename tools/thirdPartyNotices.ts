import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Texts of packages that bring none of their own, and of what lies in one without being named by it; tools/licences holds the files. */
const kept: Readonly<Record<string, (version: string) => string>> = {
  '@bufbuild/protobuf': () => 'bufbuild-protobuf.txt',
  '@vscode/l10n': () => 'vscode-l10n.txt',
  'onnxruntime-node': (version) => `onnxruntime-${version}.txt`, // its own and of what is linked into it: each version has another list
  'onnxruntime-common': () => 'vscode-l10n.txt', // word for word
};

/**
 * The terms of every package whose code ships, each with its name and version above.
 * @param folders of the packages, from the root, as `node_modules/preact`
 * @param windows whether the libraries that ONNX Runtime brings for Windows ship, too
 * @throws Error naming the package whose licence is not at hand
 */
export async function thirdPartyNotices(root: string, folders: readonly string[], windows: boolean): Promise<string> {
  const licences = join(root, 'tools', 'licences');
  const parts = await Promise.all([...folders].sort().map(async (folder) => {
    const { name, version, license } = JSON.parse(await readFile(join(root, folder, 'package.json'), 'utf8')) as Readonly<Record<'name' | 'version' | 'license', string>>;
    const own = (await readdir(join(root, folder))).filter((file) => /^(licen[cs]e|copying|notice)(\.|$)/i.test(file)).map((file) => join(root, folder, file));
    const files = name in kept ? [join(licences, kept[name](version))] : own;
    if (files.length === 0) throw new Error(`${name} ships without a licence text: put one into tools/licences, and name it in tools/thirdPartyNotices.ts`);
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    return part(`${name} ${version} (${license})`, texts.join('\n\n'));
  }));
  if (windows) parts.push(part('Libraries for Windows that come with onnxruntime-node', await readFile(join(licences, 'windows.txt'), 'utf8')));
  return `DMI Lens contains code of the packages below. Each stands under the terms that follow its name.\n\n${parts.join('\n')}`;
}

function part(title: string, text: string): string {
  return `${'='.repeat(title.length)}\n${title}\n${'='.repeat(title.length)}\n\n${text.replaceAll('\r\n', '\n').trim()}\n`;
}
