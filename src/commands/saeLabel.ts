import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { InputError } from '../base/errors.ts';
import { encodeLabels } from '../concepts/labelling/encodeLabels.ts';
import { labelCard } from '../concepts/labelling/labelCard.ts';
import { labelsFile, loadLabels, type LabelsFile } from '../concepts/labels.ts';
import { openPipelineFolder } from '../diffusion/pipelineFolder.ts';
import { readPromptFile } from '../diffusion/promptFile.ts';
import { labelSaes } from '../experiment/labelSaes.ts';
import { openNamingJudge } from '../judge/namingJudge.ts';
import { variedPrompts } from '../judge/variedPrompts.ts';
import { loadSaeFolder } from '../sae/loadSaes.ts';
import type { Sae } from '../sae/sae.ts';
import type { Command, Terminal } from './command.ts';
import { createProgress } from './progress.ts';
import { admittedProvider, providerOptions } from './providerOptions.ts';
import { readArguments, readNumber, UsageError, type Values } from './readArguments.ts';

const options = {
  model: { type: 'string', value: 'FOLDER', summary: 'the pipeline that the SAEs were trained on' },
  judge: { type: 'string', value: 'FOLDER', summary: 'what looks at the pictures (default: judge/ inside the model)' },
  prompts: { type: 'string', value: 'FILE', summary: 'prompts, one a line (default: varied ones in the judge\'s own words)' },
  images: { type: 'string', value: 'N', summary: 'pictures to look at (default: 150)' },
  steps: { type: 'string', value: 'N', summary: 'denoising steps of each (default: 30)' },
  guidance: { type: 'string', value: 'X', summary: 'guidance scale of each (default: 5)' },
  ...providerOptions,
  card: { type: 'boolean', summary: 'print the labels that are there as Markdown for a model card; generates nothing' },
  json: { type: 'boolean', summary: 'print one JSON object' },
} as const;

/** Names the concepts of SAEs by what a judge sees where they are active. */
export const command: Command = {
  name: 'sae label',
  usage: '<folder of SAEs> --model FOLDER',
  summary: 'find out what the concepts of SAEs mean, and write it beside each SAE (dmi-labels.json)',
  options,
  async run(args, terminal) {
    const { values, positionals: [folder] } = readArguments(args, options);
    const saes = await loadSaeFolder(folder);
    if (values.card === true) {
      terminal.out(labelCard(await labelsOf(saes)));
      return 0;
    }
    const files = await label(saes, values, terminal);
    for (const [index, { folder: saeFolder }] of saes.entries()) {
      await writeFileAtomic(join(saeFolder, labelsFile), encodeLabels(files[index]));
    }
    const written = files.map((file, index) => ({ ...summaryOf(file), file: join(saes[index].folder, labelsFile) }));
    terminal.out(values.json === true ? `${JSON.stringify({ sites: written })}\n` : table(written));
    return 0;
  },
};

async function label(saes: readonly Sae[], values: Values<typeof options>, terminal: Terminal): Promise<LabelsFile[]> {
  if (values.model === undefined) throw new UsageError('--model is missing');
  const number = (flag: 'images' | 'steps' | 'guidance', byDefault: string, min: number, max: number): number =>
    readNumber(flag, values[flag] ?? byDefault, { min, max, whole: flag !== 'guidance' });
  const sampling = {
    negativePrompt: '', steps: number('steps', '30', 1, 1000), guidanceScale: number('guidance', '5', 0, 100),
  };
  const images = number('images', '150', 10, 100_000);
  const model = await openPipelineFolder(values.model);
  const judge = await openNamingJudge(values.judge ?? join(values.model, 'judge'));
  const given = values.prompts === undefined ? variedPrompts(judge.vocabulary, images) : await readPromptFile(values.prompts);
  const prompts = Array.from({ length: images }, (_, index) => given[index % given.length]);
  const progress = createProgress(terminal);
  try {
    return await labelSaes({
      model, saes, judge, prompts, sampling, provider: await admittedProvider(values, terminal, model), signal: terminal.signal,
      onStep: (done, total) => { progress.update(`picture ${Math.ceil(done / sampling.steps)} of ${images}, step`, done, total); },
    });
  } finally {
    progress.end();
  }
}

async function labelsOf(saes: readonly Sae[]): Promise<LabelsFile[]> {
  return Promise.all(saes.map(async (sae) => {
    const labels = await loadLabels(sae);
    if (labels === undefined) throw new InputError('has no labels', { file: sae.folder, remedy: 'Label it first: dmi sae label.' });
    return labels.file;
  }));
}

function summaryOf({ site, given, givenByChance, concepts, quality }: LabelsFile) {
  const all = Object.values(concepts);
  return {
    site, given, givenByChance, quality,
    labelled: all.filter((concept) => concept.label !== null).length,
    contextFree: all.filter(({ contextFree }) => contextFree).length,
  };
}

function table(sites: readonly (ReturnType<typeof summaryOf> & { readonly file: string })[]): string {
  const head = ['site', 'concepts labelled', 'context-free', 'labels by mask (by chance)', 'as part (by chance)', 'by attribute (by chance)'];
  const rows = sites.map(({ site, labelled, contextFree, given, givenByChance }) => [
    site, `${labelled}`, `${contextFree}`, ...(['mask', 'part', 'attribute'] as const).map((kind) => `${given[kind]} (${givenByChance[kind]})`),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const line = (cells: readonly string[]) => cells.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd();
  return `${[head, ...rows].map(line).join('\n')}\n\nWritten: ${sites.map(({ file }) => file).join(', ')}\n`;
}
