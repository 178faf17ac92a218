import { workspace, type Uri } from 'vscode';
import type { ParsedSpec } from '../../spec/parseSpec.ts';
import { readSpec } from '../../spec/readSpec.ts';
import type { SpecDocuments } from '../services.ts';

/** A spec as it stands in the editor, else as it lies on the disk. @throws InputError when it cannot be read */
export async function parseAnySpec(uri: Uri, specs: Pick<SpecDocuments, 'of'>): Promise<ParsedSpec> {
  const open = workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  return open === undefined ? await readSpec(uri.fsPath) : specs.of(open).parsed;
}
