import { InputError } from '../base/errors.ts';
import { openPipelineFolder } from '../diffusion/pipelineFolder.ts';
import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import { blockNames } from '../instrument/blockNames.ts';
import { siteShapes } from '../instrument/probeShapes.ts';
import { readSites } from '../instrument/readSites.ts';
import type { Site } from '../instrument/sites.ts';
import type { Command, Options, Terminal } from './command.ts';
import { readArguments } from './readArguments.ts';
import { chooseCandidates, describeCandidates, findCandidates } from './siteCandidates.ts';
import { table } from './table.ts';

const options = {
  candidates: { type: 'boolean', summary: 'list the sums that could end a block, also where blocks are recognised' },
  choose: { type: 'string', repeats: true, value: 'N=SITE', summary: 'remember candidate N as this site (repeatable), in dmi-sites.json in the model folder' },
  json: { type: 'boolean', summary: 'print a JSON array: name, shape [channels, height, width], how, delta; of candidates: number, sum, update, shape, between, readBy' },
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
    if (values.choose !== undefined) {
      terminal.err(`remembered in ${await chooseCandidates(pipeline, values.choose)}\n`);
    }
    const json = values.json === true;
    // Candidates are shown also where the rules contradict each other.
    const sites = values.candidates === true ? [] : await readSites(pipeline.components.unet.path);
    if (sites.length > 0) return listSites(pipeline, { sites, json, folder }, terminal);
    const candidates = await findCandidates(pipeline);
    if (candidates.length === 0) {
      throw new InputError('no transformer block can be recognised, nor any sum that could end one', {
        file: pipeline.components.unet.path, remedy: 'Export the U-Net from PyTorch (optimum or torch.onnx) with names kept, and without fusing operators.',
      });
    }
    if (json) terminal.out(`${JSON.stringify(candidates)}\n`);
    else terminal.out(describeCandidates(pipeline, candidates, folder));
    return 0;
  },
};

/** @param folder as it was named */
async function listSites(pipeline: PipelineFolder, { sites, json, folder }: { readonly sites: readonly Site[]; readonly json: boolean; readonly folder: string }, terminal: Terminal): Promise<number> {
  const shapes = await siteShapes(pipeline, sites);
  if (json) {
    terminal.out(`${JSON.stringify(sites.map(({ name, how, delta }) => ({ name, shape: shapes.get(name), how, delta })))}\n`);
  } else {
    terminal.out(table([['site', 'channels x height x width', 'found by'], ...sites.map(({ name, how }) => [name, shapes.get(name)?.join(' x ') ?? '', how.join(', ')])]));
  }
  const missing = blockNames(pipeline.components.unet.config).filter((block) => !sites.some(({ name }) => name === block));
  if (missing.length > 0) terminal.err(`not recognised, though the configuration of the U-Net has them: ${missing.join(', ')}\nsee what could be one with: dmi sites ${folder} --candidates\n`);
  return 0;
}
