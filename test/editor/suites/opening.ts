import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { inWorkspace, smallSpec } from '../support/workspace.ts';

/** For `npm run bench`, which starts it in a folder without specs: milliseconds from the opening of a first spec, which activates the extension, until its lenses are there. */
export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension('dmi-lens.dmi-lens');
  const spec = vscode.Uri.file(inWorkspace('first.dmi.json'));
  await vscode.workspace.fs.writeFile(spec, new TextEncoder().encode(smallSpec()));
  if (extension === undefined || extension.isActive) throw new Error('the extension is active before anything needs it');
  const start = performance.now();
  await Promise.all([extension.activate(), vscode.workspace.openTextDocument(spec)]);
  let lenses: readonly vscode.CodeLens[] = [];
  while (lenses.length === 0) lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', spec);
  const firstLenses = performance.now() - start;
  if (process.env.DMI_RESULTS !== undefined) writeFileSync(join(process.env.DMI_RESULTS, 'opening.json'), JSON.stringify({ firstLenses }));
}
