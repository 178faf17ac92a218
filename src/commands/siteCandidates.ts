import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import { blockNames } from '../instrument/blockNames.ts';
import { checkInstrumentable } from '../instrument/checkInstrumentable.ts';
import { probeValues } from '../instrument/probeShapes.ts';
import { siteCandidates } from '../instrument/siteCandidates.ts';
import type { SiteCandidate } from '../instrument/siteCandidates.ts';
import { siteNamePattern, readChoice, writeChoice } from '../instrument/siteChoice.ts';
import { recentIndex } from '../onnx/recentIndex.ts';
import { UsageError } from './readArguments.ts';
import { table } from './table.ts';

/** A sum that could end a block, as it is shown and chosen. */
interface NumberedCandidate extends SiteCandidate {
  /** Counts from 1 in order of execution. */
  readonly number: number;
  /** [channels, height, width] */
  readonly shape: readonly number[];
}

/** The sums of a U-Net whose two operands are feature maps of one shape. @throws InputError at a model that cannot be looked into */
export async function findCandidates(pipeline: PipelineFolder): Promise<NumberedCandidate[]> {
  const index = await recentIndex(pipeline.components.unet.path);
  checkInstrumentable(index, false);
  const sums = siteCandidates(index);
  const shapes = await probeValues(pipeline, sums.flatMap(({ sum, update }) => [sum, update]).filter((value, at, all) => all.indexOf(value) === at));
  return sums
    .filter(({ sum, update }) => shapes.get(sum)?.length === 4 && shapes.get(sum)?.join() === shapes.get(update)?.join())
    .map((candidate, at) => ({ number: at + 1, shape: shapes.get(candidate.sum)?.slice(1) ?? [], ...candidate }));
}

/** A table, and how to choose from it. @param folder as it was named */
export function describeCandidates({ components: { unet } }: PipelineFolder, candidates: readonly NumberedCandidate[], folder: string): string {
  const rows = candidates.map(({ number, shape, between, readBy, sum }) => [
    String(number), shape.join(' x '), String(between.attentions), String(between.convolutions), String(between.nodes), readBy.join(', '), sum,
  ]);
  const likely = candidates.filter(({ between }) => between.attentions > 0);
  const names = blockNames(unet.config);
  const choice = names.length === likely.length
    ? likely.map(({ number }, at) => `--choose ${number}=${names[at]}`).join(' ')
    : likely.map(({ number }) => `--choose ${number}=NAME`).join(' ');
  return [
    'Sums of what a block was given and what it made of it, in order of execution. A transformer block has attentions in between.\n\n',
    table([['n', 'channels x height x width', 'attentions', 'convolutions', 'nodes', 'read by', 'value'], ...rows]),
    names.length === likely.length ? '\nBy the configuration of the U-Net, these are its blocks:\n\n' : '\nSay which are blocks, by the names of diffusers (down_blocks.0.attentions.0, mid_block.attentions.0, ...):\n\n',
    `  dmi sites ${folder} ${choice}\n`,
  ].join('');
}

/** Remember what was chosen, beside what was chosen before. @param choices `N=SITE` @returns the file it is kept in @throws UsageError, InputError */
export async function chooseCandidates(pipeline: PipelineFolder, choices: readonly string[]): Promise<string> {
  const index = await recentIndex(pipeline.components.unet.path);
  const candidates = await findCandidates(pipeline);
  let chosen = await readChoice(index);
  for (const choice of choices) {
    const [, number, site] = /^(\d+)=(.+)$/.exec(choice) ?? ['', '', ''];
    if (!new RegExp(siteNamePattern).test(site)) throw new UsageError(`--choose takes a candidate's number and a name, e.g. 3=mid_block.attentions.0, not "${choice}"`);
    const candidate = candidates.find((one) => one.number === Number(number));
    if (candidate === undefined) throw new UsageError(`there is no candidate ${number}; they are 1 to ${candidates.length}`);
    // A sum has one name.
    chosen = { ...Object.fromEntries(Object.entries(chosen).filter(([, { sum }]) => sum !== candidate.sum)), [site]: { sum: candidate.sum, update: candidate.update } };
  }
  return writeChoice(index, chosen);
}
