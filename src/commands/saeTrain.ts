import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { removeForeignLabels } from '../concepts/labels.ts';
import { openPipelineFolder } from '../diffusion/pipelineFolder.ts';
import { activationsOf } from '../sae/activationsOf.ts';
import { loadSaeFolder } from '../sae/loadSaes.ts';
import type { SaeSidecar } from '../sae/sidecar.ts';
import { trainSites } from '../sae/trainSites.ts';
import { chooseSites } from './chooseSites.ts';
import type { Command } from './command.ts';
import { createProgress } from './progress.ts';
import { admittedProvider, providerOptions } from './providerOptions.ts';
import { readArguments, readNumber, UsageError } from './readArguments.ts';
import { readSampling, samplingOptions, wholeNumber } from './samplingOptions.ts';

const options = {
  ...samplingOptions,
  ...providerOptions,
  out: { type: 'string', value: 'FOLDER', summary: 'where the SAEs go, a folder for each site (required)' },
  sites: { type: 'string', value: 'LIST', summary: 'sites by name, separated by commas, or all (default all; see dmi sites)' },
  expansion: { type: 'string', value: 'N', summary: 'latents per dimension (default 8)' },
  k: { type: 'string', value: 'N', summary: 'active latents per cell (default 8)' },
  cells: { type: 'string', value: 'N', summary: 'cells to learn from, repeats counted (default 4000000)' },
  batch: { type: 'string', value: 'N', summary: 'cells per step (default 4096)' },
  lr: { type: 'string', value: 'X', summary: 'greatest learning rate (default 0.001)' },
  seed: { type: 'string', value: 'N', summary: 'seed of weights, order and choice of cells (default 0)' },
  work: { type: 'string', value: 'FOLDER', summary: 'activations and checkpoints; kept when named, else OUT/.work until done' },
} as const;

/** `dmi sae train`: sample, collect the updates of all sites in one pass, train an SAE for each. A call that was stopped goes on when repeated. */
export const command: Command = {
  name: 'sae train',
  usage: '<model folder> --prompts FILE --out FOLDER',
  summary: 'train sparse autoencoders on the updates of a model\'s sites',
  options,
  async run(args, terminal) {
    const { values, positionals: [folder] } = readArguments(args, options);
    if (values.out === undefined) throw new UsageError('--out is missing');
    const recipe = {
      expansion: wholeNumber(values, 'expansion', 8), k: wholeNumber(values, 'k', 8), cells: wholeNumber(values, 'cells', 4_000_000),
      batch: wholeNumber(values, 'batch', 4096), learningRate: values.lr === undefined ? 0.001 : readNumber('lr', values.lr, { min: 0 }),
      seed: wholeNumber(values, 'seed', 0, 0),
    };
    const out = resolve(values.out);
    const work = resolve(values.work ?? join(out, '.work'));
    const model = await openPipelineFolder(folder);
    const sites = await chooseSites(model, values.sites ?? 'all');
    const { bytes, threads, ...sampling } = await readSampling(values, model, 0);
    const shared = { signal: terminal.signal, ...(threads !== undefined && { threads }) };
    const provider = await admittedProvider(values, terminal, model);

    const sampled = createProgress(terminal);
    const { buffer, key } = await activationsOf({
      ...sampling, ...shared, provider, sites, seed: recipe.seed, limit: { bytes }, folder: join(work, 'activations'),
      onGeneration: (done, total) => { sampled.update('sampling, generation', done, total); },
    }).finally(() => { sampled.end(); });

    const trained = createProgress(terminal);
    const sidecars = await trainSites({
      ...shared, buffer, bufferKey: key, sites, recipe, model: { name: model.name, hash: await model.hash() }, out, work,
      onStep: (site, step, total) => {
        const place = sites.indexOf(site);
        trained.update(`${site} (${place + 1} of ${sites.length}), step`, place * total + step, sites.length * total);
      },
    }).finally(() => { trained.end(); });
    for (const sae of (await Promise.all(sites.map((site) => loadSaeFolder(join(out, site))))).flat()) {
      if (await removeForeignLabels(sae)) terminal.err(`${sae.folder}: the labels of the earlier SAE are removed; label the new one: dmi sae label\n`);
    }
    if (values.work === undefined) await rm(work, { recursive: true });
    terminal.out(table(sidecars));
    return 0;
  },
};

function table(sidecars: ReadonlyMap<string, SaeSidecar>): string {
  const width = Math.max(...[...sidecars.keys()].map((site) => site.length));
  const rows = [...sidecars].map(([site, { k, statistics: { mean }, quality: { fvu, evPerDimension, l0, dead, cells } }]) => [
    site.padEnd(width), String(mean.length).padStart(6), String(k).padStart(3), fvu.toFixed(3), evPerDimension.toFixed(3),
    l0.toFixed(2).padStart(5), `${(100 * dead).toFixed(1).padStart(5)} %`, String(cells),
  ].join('  '));
  return [
    `${'site'.padEnd(width)}       n    k    FVU     EV     L0     dead  cells measured`, ...rows,
    'FVU = Σ‖e‖² / Σ‖x − mean(x)‖², EV = mean over dimensions of 1 − Var(e)/Var(x), dead = silent in all cells measured;',
    'over activations it was trained on. For other prompts, and all numbers: dmi sae eval', '',
  ].join('\n');
}
