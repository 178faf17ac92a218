import { stat } from 'node:fs/promises';
import { DocumentLink, l10n, Uri, type TextDocument } from 'vscode';
import { saeFolders } from '../../sae/loadSaes.ts';
import { sidecarName } from '../../sae/sidecar.ts';
import { fileIn } from '../../spec/fileFinder.ts';
import { namedFiles, type NamedFile } from '../../spec/namedFiles.ts';
import type { SpecDocuments } from '../services.ts';
import { finderFor } from '../specs/specDocuments.ts';
import { rangeOf } from './ranges.ts';

/** What tells most about a folder, the best first. */
const telling: Readonly<Record<NamedFile['kind'], readonly string[]>> = {
  model: ['README.md', 'model_index.json'], saes: ['README.md', sidecarName], judge: ['README.md', 'judge.json'], mask: [], prompts: [],
};

/** Links from models, SAEs, judges, masks and lists of prompts to their files; of a folder, to what tells most about it. */
export function linkProvider(specs: SpecDocuments) {
  async function provideDocumentLinks(document: TextDocument): Promise<DocumentLink[]> {
    const { tree } = specs.of(document).parsed;
    if (tree === undefined) return [];
    const finder = finderFor(document.uri);
    const links = await Promise.all(namedFiles(tree).map(async (file) => {
      const target = await finder.find(file).then((path) => fileToOpen(path, file.kind)).catch(() => undefined); // what is not there is underlined as missing
      if (target === undefined) return undefined;
      const link = new DocumentLink(rangeOf(document, { offset: file.node.offset + 1, length: file.node.length - 2 }), Uri.file(target));
      link.tooltip = l10n.t('Open {0}', target);
      return link;
    }));
    return links.filter((link) => link !== undefined);
  }
  return { provideDocumentLinks };
}

async function fileToOpen(path: string, kind: NamedFile['kind']): Promise<string | undefined> {
  if ((await stat(path)).isFile()) return path;
  for (const name of telling[kind]) {
    const file = await fileIn(path, name);
    if (file !== undefined) return file;
  }
  if (kind !== 'saes') return undefined;
  const [first] = await saeFolders(path);
  for (const name of [sidecarName, 'cfg.json', 'config.json']) { // one that nobody knows the training of has no sidecar
    const file = await fileIn(first, name);
    if (file !== undefined) return file;
  }
  return undefined;
}
