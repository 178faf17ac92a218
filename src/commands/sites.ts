import { InputError } from '../base/errors.ts';
import { openPipelineFolder } from '../diffusion/pipelineFolder.ts';
import { probeShapes } from '../instrument/probeShapes.ts';
import { findSites } from '../instrument/sites.ts';
import { indexModel } from '../onnx/modelIndex.ts';
import type { Command, Options } from './command.ts';
import { readArguments } from './readArguments.ts';

const options = {
  json: { type: 'boolean', summary: 'print a JSON array: name, shape [channels, height, width], how, delta' },
} satisfies Options;

/** `dmi sites`: where a model can be looked into. */
export const command: Command = {
  name: 'sites',
  usage: '<model folder>',
  summary: "list a model's transformer blocks, their shapes, and how each was found",
  options,
  async run(args, terminal) {
    const { values, positionals: [folder] } = readArguments(args, options);
    const pipeline = await openPipelineFolder(folder);
    const { path } = pipeline.components.unet;
    const sites = findSites(await indexModel(path));
    if (sites.length === 0) {
      throw new InputError('no transformer block can be recognised', {
        file: path, remedy: 'Export the U-Net from PyTorch (optimum or torch.onnx) with names kept, and without fusing operators.',
      });
    }
    const shapes = await probeShapes(pipeline, sites.map(({ name }) => name));
    if (values.json === true) {
      const listed = sites.map(({ name, how, delta }) => ({ name, shape: shapes.get(name), how, delta }));
      terminal.out(`${JSON.stringify(listed)}\n`);
      return 0;
    }
    const rows = sites.map(({ name, how }) => [name, shapes.get(name)?.join(' x ') ?? '', how.join(', ')]);
    terminal.out(table([['site', 'channels x height x width', 'found by'], ...rows]));
    return 0;
  },
};

/** Columns as wide as their widest cell. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map(row => row[column].length)));
  return rows.map(row => `${row.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd()}\n`).join('');
}
