import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { loadLabels } from '../concepts/labels.ts';
import type { LabelsFile } from '../concepts/labels.ts';
import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import { openPipelineFolder } from '../diffusion/pipelineFolder.ts';
import { readSites } from '../instrument/readSites.ts';
import { activationsOf } from '../sae/activationsOf.ts';
import type { Curve } from '../sae/curve.ts';
import { reencodedCurve, retrainedCurve } from '../sae/curve.ts';
import { curveSvg } from '../sae/curveSvg.ts';
import type { SaeEvaluation } from '../sae/evaluateSae.ts';
import { definitions, evaluateSae } from '../sae/evaluateSae.ts';
import { checkSaeFits, loadSaeFolder } from '../sae/loadSaes.ts';
import { recovered } from '../sae/recovered.ts';
import type { Command, Terminal } from './command.ts';
import { createProgress } from './progress.ts';
import { admittedProvider, providerOptions } from './providerOptions.ts';
import { readArguments, UsageError } from './readArguments.ts';
import { readSampling, samplingOptions, wholeNumber } from './samplingOptions.ts';

/** Seeds far from those of training. */
const firstSeed = 1_000_000;

const options = {
  ...samplingOptions,
  ...providerOptions,
  model: { type: 'string', value: 'FOLDER', summary: 'the model they were trained on (required)' },
  recovered: { type: 'string', value: 'N', summary: 'generations for `recovered`, three U-Net calls a step each; 0 leaves it out (default 4)' },
  curve: { type: 'boolean', summary: 'FVU and dead latents over k = 2, 4, 8, 16, 32: fvu-over-k.json and .svg in the folder of SAEs' },
  retrain: { type: 'boolean', summary: 'the curve with SAEs trained anew for each k, instead of encoding with another k' },
  cells: { type: 'string', value: 'N', summary: 'with --retrain: cells to learn from (default 4000000)' },
  work: { type: 'string', value: 'FOLDER', summary: 'where activations lie; kept when named' },
  json: { type: 'boolean', summary: 'print JSON' },
} as const;

/** One SAE's numbers as they are reported; what is not known is null. */
interface Report extends SaeEvaluation {
  readonly recovered: { readonly generations: number; readonly bySteps: readonly number[] } | null;
  readonly labels: LabelsFile['quality'] | null;
}

/** `dmi sae eval`: every quality number of the SAEs in a folder, on fresh generations, each with its definition. */
export const command: Command = {
  name: 'sae eval',
  usage: '<SAEs folder> --model FOLDER --prompts FILE',
  summary: 'measure sparse autoencoders on prompts of your choice',
  options,
  async run(args, terminal) {
    const { values, positionals: [folder] } = readArguments(args, options);
    if (values.model === undefined) throw new UsageError('--model is missing');
    const model = await openPipelineFolder(values.model);
    const saes = await loadSaeFolder(folder);
    const fit = { hash: await model.hash(), channels: await channelsOf(model) };
    for (const sae of saes) checkSaeFits(sae, fit);
    const { bytes, threads, ...sampling } = await readSampling(values, model, firstSeed);
    const shared = { signal: terminal.signal, ...(threads !== undefined && { threads }) };
    const provider = await admittedProvider(values, terminal, model);
    const compared = sampling.generations.slice(0, wholeNumber(values, 'recovered', 4, 0));
    const recipe = { batch: 4096, learningRate: 0.001, seed: 0, cells: wholeNumber(values, 'cells', 4_000_000) };
    const work = values.work === undefined ? await mkdtemp(join(tmpdir(), 'dmi-')) : resolve(values.work);
    const progress = createProgress(terminal);
    try {
      const { buffer, key } = await activationsOf({
        ...sampling, ...shared, provider, sites: saes.map(({ site }) => site),
        activations: Object.fromEntries(saes.map(({ site, sidecar: { activation } }) => [site, activation])), seed: 0, limit: { bytes }, folder: join(work, 'activations'),
        onGeneration: (done, total) => { progress.update('sampling, generation', done, total); },
      });
      const reports: Report[] = [];
      const curves: Curve[] = [];
      for (const [index, sae] of saes.entries()) {
        const show = (unit: string) => (done: number, total: number) => { progress.update(`${sae.site} (${index + 1} of ${saes.length}), ${unit}`, done, total); };
        reports.push({
          ...await evaluateSae(sae, buffer, { seed: 0, ...shared }),
          recovered: compared.length === 0 ? null : {
            generations: compared.length,
            bySteps: [...await recovered(sae, { ...sampling, ...shared, provider, generations: compared, onGeneration: show('recovered, generation') })],
          },
          labels: (await loadLabels(sae))?.file.quality ?? null,
        });
        if (values.retrain === true) {
          curves.push(await retrainedCurve({
            ...shared, buffer, bufferKey: key, site: sae.site, recipe: { ...recipe, expansion: sae.n / sae.d, k: sae.k },
            checkpoint: join(work, `${sae.site}.curve.safetensors`), onStep: show('curve, step'),
          }, sae.n));
        } else if (values.curve === true) {
          curves.push(await reencodedCurve(sae, buffer, { seed: 0, ...shared }));
        }
      }
      progress.end();
      const summary = { model: fit.hash, generations: sampling.generations.length, sampling: sampling.sampling, definitions };
      terminal.out(values.json === true
        ? `${JSON.stringify({ ...summary, sites: Object.fromEntries(reports.map((report) => [report.site, report])) })}\n`
        : `${reports.map(describe).join('\n')}\n${Object.values(definitions).join('\n')}\n`);
      if (curves.length > 0) await writeCurves(folder, curves, values.retrain === true, sampling.generations.length, terminal);
      return 0;
    } finally {
      progress.end();
      if (values.work === undefined) await rm(work, { recursive: true, force: true });
    }
  },
};

async function channelsOf({ components: { unet } }: PipelineFolder): Promise<ReadonlyMap<string, number>> {
  return new Map((await readSites(unet.path)).map(({ name, channels }) => [name, channels]));
}

function describe({ site, d, n, k, cells, fvu, evPerDimension, l0, dead, density, decoderCosine, recovered: effect, labels }: Report): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const rows: [string, string][] = [
    ['FVU', fvu.toFixed(3)],
    ['EV', evPerDimension.toFixed(3)],
    ['L0', l0.toFixed(2)],
    ['dead', dead.map(({ window, cells: seen, share }) => `${percent(share)} over ${window.toExponential(0)}${seen < window ? ` (${seen} seen)` : ''}`).join(', ')],
    ['density', [`never ${density.silent}`, ...density.counts.map((count, index) => `≤ ${density.edges[index + 1]}: ${count}`)].join(', ')],
    ['decoder cosine', `greatest ${decoderCosine.greatest.toFixed(2)}, median ${decoderCosine.median.toFixed(2)}, chance ${decoderCosine.chance.toFixed(2)}`],
    ['recovered', effect === null ? 'not measured' : `${effect.bySteps.map((share) => share.toFixed(2)).join(' ')} (by step, ${effect.generations} generations)`],
    ['labels', labels === null ? 'monosemanticity, cohesion and separability need labels: dmi sae label' : labelRow(labels)],
  ];
  return `${site}: d ${d}, n ${n}, k ${k}, ${cells} cells\n${rows.map(([name, value]) => `  ${name.padEnd(15)} ${value}\n`).join('')}`;
}

function labelRow({ monosemanticity, cohesion, separability }: LabelsFile['quality']): string {
  const number = (value: number | null) => value?.toFixed(2) ?? 'none';
  const stretches = (measure: typeof cohesion) => [measure.early, measure.middle, measure.late].map(({ value }) => number(value)).join(' / ');
  return `monosemanticity ${number(monosemanticity.value)} (chance ${number(monosemanticity.chance)}), cohesion ${stretches(cohesion)}, separability ${stretches(separability)} (early / middle / late)`;
}

async function writeCurves(folder: string, curves: readonly Curve[], retrained: boolean, generations: number, terminal: Terminal): Promise<void> {
  const over = `${curves[0].points[0].cells} cells of ${generations} generations`;
  const how = retrained ? `trained anew for each k, measured on cells trained on (${over})` : `each SAE as trained, encoding with another k (${over})`;
  const path = join(folder, 'fvu-over-k');
  await writeFileAtomic(`${path}.json`, `${JSON.stringify({ how, definitions: { fvu: definitions.fvu, dead: 'share of latents silent in all cells measured' }, curves })}\n`);
  await writeFileAtomic(`${path}.svg`, curveSvg(curves, how));
  terminal.err(`wrote ${path}.json and ${path}.svg\n`);
}
