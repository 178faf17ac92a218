import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomicFile.ts';
import { InputError } from '../base/errors.ts';
import { english } from '../base/phrase.ts';
import { openPipelineFolder } from '../diffusion/pipelineFolder.ts';
import { readPromptFile } from '../diffusion/promptFile.ts';
import type { Activation, Treatment } from '../instrument/siteEncoder.ts';
import { guessSidecar } from '../sae/guessSidecar.ts';
import type { Guess } from '../sae/guessSidecar.ts';
import { describeCheckpoint, saeFolders } from '../sae/loadSaes.ts';
import type { Checkpoint } from '../sae/sae.ts';
import { scoreActivations } from '../sae/scoreActivations.ts';
import type { ActivationScore, ScoredBranch } from '../sae/scoreActivations.ts';
import { encodeSidecar, missingSidecar, readSidecar, sidecarName } from '../sae/sidecar.ts';
import type { SaeSidecar } from '../sae/sidecar.ts';
import { siteInName } from '../sae/siteInName.ts';
import { shortTrace } from '../sae/shortTrace.ts';
import { withinWindow } from '../spec/windows.ts';
import type { Command, Terminal } from './command.ts';
import { createProgress } from './progress.ts';
import { admittedProvider, providerOptions } from './providerOptions.ts';
import { readArguments, readNumber, UsageError } from './readArguments.ts';
import type { Values } from './readArguments.ts';
import { wholeNumber } from './samplingOptions.ts';

const options = {
  model: { type: 'string', value: 'FOLDER', summary: 'find out what they were trained on: rebuild the activations of this model with them' },
  write: { type: 'boolean', summary: `write the answer beside each (${sidecarName}), with statistics of that trace` },
  site: { type: 'string', value: 'SITE', summary: 'look at this site only, since you know it' },
  activation: { type: 'string', value: 'NAME', summary: 'look at this only: update, output or input' },
  branch: { type: 'string', value: 'NAME', summary: 'the half of guidance, since you know it: cond, uncond or both' },
  times: { type: 'string', value: 'T-T', summary: 'diffusion times it was trained on, since you know them: 1 is noise, 0 the image (default 0-1)' },
  prompts: { type: 'string', value: 'FILE', summary: 'prompts of the trace, one a line (default: four of ours)' },
  steps: { type: 'string', value: 'N', summary: 'denoising steps of a generation (default 10)' },
  guidance: { type: 'string', value: 'X', summary: 'guidance scale of a generation (default 5)' },
  threads: { type: 'string', value: 'N', summary: 'threads (default: one per core)' },
  ...providerOptions,
  json: { type: 'boolean', summary: 'print a JSON array, an object for each SAE' },
} as const;

/** What is known of one SAE. */
interface Known {
  readonly folder: string;
  readonly checkpoint: Checkpoint;
  readonly sidecar: SaeSidecar | undefined;
  readonly scores?: readonly ActivationScore[];
  readonly guess?: Guess;
}

/** `dmi sae info`: what checkpoints are, and what they were trained on. */
export const command: Command = {
  name: 'sae info',
  usage: '<SAEs folder>',
  summary: 'tell what SAE checkpoints are, and find out what they were trained on',
  options,
  async run(args, terminal) {
    const { values, positionals: [folder] } = readArguments(args, options);
    const asked = { activation: choice(values, 'activation', ['update', 'output', 'input']), branch: choice(values, 'branch', ['cond', 'uncond', 'both']) };
    const times = timesOf(values);
    if (values.write === true && values.model === undefined) throw new UsageError('--write needs --model: statistics are those of a trace');
    const described: Known[] = [];
    for (const found of await saeFolders(folder)) {
      const checkpoint = await describeCheckpoint(found);
      const sidecar = await missingSidecar(found) === undefined ? await readSidecar(found, checkpoint.n) : undefined;
      described.push({ folder: found, checkpoint, sidecar });
    }
    const known = values.model === undefined ? described : await find(described, values.model, { values, asked, times, terminal });
    terminal.out(values.json === true ? `${JSON.stringify(known.map(jsonOf))}\n` : known.map(describe).join('\n'));
    if (values.write === true) for (const one of known) await write(one, values.site !== undefined && asked.activation !== undefined, terminal);
    return 0;
  },
};

interface Asked {
  readonly values: Values<typeof options>;
  readonly asked: { readonly activation: Activation | undefined; readonly branch: ScoredBranch | undefined };
  readonly times: SaeSidecar['tRange'] | undefined;
  readonly terminal: Terminal;
}

async function find(described: readonly Known[], modelFolder: string, { values, asked, times, terminal }: Asked): Promise<Known[]> {
  const model = await openPipelineFolder(modelFolder);
  const provider = await admittedProvider(values, terminal, model);
  const progress = createProgress(terminal);
  const prompts = values.prompts === undefined ? undefined : await readPromptFile(values.prompts);
  try {
    const scores = await scoreActivations(described.map(({ checkpoint }) => checkpoint), {
      ...shortTrace({
        prompts, steps: values.steps === undefined ? undefined : wholeNumber(values, 'steps', 1),
        guidanceScale: values.guidance === undefined ? undefined : readNumber('guidance', values.guidance, { min: 0 }),
      }),
      model, provider, only: { site: values.site, activation: asked.activation }, signal: terminal.signal,
      ...(values.threads !== undefined && { threads: wholeNumber(values, 'threads', 1) }),
      onStep: (done, total) => { progress.update('step', done, total); },
    });
    const modelHash = await model.hash();
    return described.map((one, at) => ({ ...one, scores: scores[at], guess: guessSidecar(one.checkpoint, scores[at], { modelHash, branch: asked.branch, times }) }));
  } finally {
    progress.end();
  }
}

async function write({ folder, guess }: Known, certain: boolean, terminal: Terminal): Promise<void> {
  if (guess === undefined) return;
  const file = join(folder, sidecarName);
  if (!guess.plausible && !certain) {
    throw new InputError('the SAE rebuilds none of the activations of this model', {
      file: folder, remedy: 'Name the model it was trained on, or say what you know: --site SITE --activation update, output or input.',
    });
  }
  await writeFileAtomic(file, encodeSidecar(guess.sidecar));
  const never = guess.sidecar.statistics.density.filter((share) => share === 0).length;
  terminal.err(`wrote ${file}\n${never === 0 ? '' : `  ${never} of ${guess.sidecar.statistics.density.length} concepts were never active in this trace, so their mean is 0: edits in units of the mean do nothing there. More prompts (--prompts FILE) find more.\n`}`);
}

function choice<const T extends string>(values: Values<typeof options>, flag: 'activation' | 'branch', allowed: readonly T[]): T | undefined {
  const text = values[flag];
  const found = allowed.find((name) => name === text);
  if (text !== undefined && found === undefined) throw new UsageError(`--${flag} takes ${allowed.join(', ')}, not "${text}"`);
  return found;
}

/** The least and the greatest. @throws UsageError */
function timesOf({ times }: Values<typeof options>): SaeSidecar['tRange'] | undefined {
  if (times === undefined) return undefined;
  const [from, to] = times.split('-').map((text) => (/^\d*\.?\d+$/.test(text) ? Number(text) : NaN));
  if (times.split('-').length !== 2 || !(from >= 0 && from <= 1 && to >= 0 && to <= 1 && from !== to)) throw new UsageError(`--times takes two times between 0 and 1 like 0.6-1, not "${times}"`);
  return [Math.min(from, to), Math.max(from, to)];
}

const treatments: Readonly<Record<Treatment['kind'], string>> = { standardise: 'standardised cell by cell', 'fixed-norm': 'scaled to the length √d', scale: 'times a number' };

function latentsOf({ nonlinearity, k, n, byDecoderNorm }: Checkpoint): string {
  const kind = { topk: `TopK, k ${k}`, relu: 'ReLU', threshold: 'above a threshold (JumpReLU, BatchTopK)', gated: 'gated' }[nonlinearity];
  return `${n}: ${kind}${byDecoderNorm ? ', measured by the lengths of the decoder\'s rows' : ''}${nonlinearity === 'topk' ? '' : `; a trace holds the ${k} greatest of a cell`}`;
}

function describe({ folder, checkpoint, sidecar, scores, guess }: Known): string {
  const { format, d, treatment, subtractBias, encoder: { wEnc, wDec }, notes, usual } = checkpoint;
  const named = siteInName(folder);
  const scattered = wEnc.strides !== undefined || wDec.strides !== undefined;
  const rows: [string, string][] = [
    ['format', format],
    ['reads', `${d} channels${treatment === undefined ? '' : `, ${treatments[treatment.kind]}`}${subtractBias ? ', b_dec subtracted' : ''}`],
    ['latents', latentsOf(checkpoint)],
    ['weights', `${wEnc.dtype}, ${scattered ? 'scattered in their file: convert them (dmi sae convert)' : 'used where they lie'}`],
    ...notes.map((note): [string, string] => ['note', english(note)]),
    ['trained on', sidecar === undefined ? `not known: there is no ${sidecarName}` : trainedOn(sidecar)],
    ...(sidecar === undefined && named !== undefined ? [['name says', named] as [string, string]] : []),
    ...(sidecar === undefined && usual !== undefined ? [['usual', `${usual}, for this format`] as [string, string]] : []),
    ...(sidecar === undefined && guess === undefined ? [['find out', `dmi sae info ${folder} --model MODEL --write`] as [string, string]] : []),
  ];
  return `${folder}\n${rows.map(([name, value]) => `  ${name.padEnd(11)} ${value}\n`).join('')}${scores === undefined || guess === undefined ? '' : scoreTable(scores, guess)}`;
}

function trainedOn({ site, activation, branch, tRange: [least, most], modelHash, quality: { fvu } }: SaeSidecar): string {
  return `${activation} of ${site}, branch ${branch}${least > 0 || most < 1 ? `, t from ${most} to ${least}` : ''}, model ${modelHash.slice(0, 12)}${typeof fvu === 'number' ? `, FVU ${fvu.toFixed(3)}` : ''}`;
}

/** Scores that nobody looks further than. */
const mostShown = 12;

function scoreTable(scores: readonly ActivationScore[], { branch, plausible, score }: Guess): string {
  const number = (quality: { readonly fvu: number } | undefined): string => (quality === undefined ? '' : quality.fvu.toFixed(3)).padStart(8);
  const width = Math.max(...scores.map(({ site }) => site.length));
  const rows = scores.slice(0, mostShown).map(({ site, activation, byBranch }, at) =>
    `  ${at === 0 ? '>' : ' '} ${site.padEnd(width)}  ${activation.padEnd(6)} ${number(byBranch.cond)} ${number(byBranch.uncond)} ${number(byBranch.both)}\n`);
  return [
    `    ${'site'.padEnd(width)}  reads     cond   uncond     both   FVU of a short trace: what is lost in rebuilding it; 1 = no better than the mean\n`, ...rows,
    plausible ? `  best guess: ${score.activation} of ${score.site}, branch ${branch}${score.cut > 0 ? `; the latents that a trace leaves out have ${(100 * score.cut).toFixed(1)} % of the sum` : ''}\n  FVU by time: ${byWindow(score)}. Whether it was trained on all of them this does not tell; who knows says it (--times)\n`
      : '  none of them is rebuilt: this is not the model it was trained on, or an activation that blocks do not tell\n',
  ].join('');
}

/** The mean FVU of the steps of each window. */
function byWindow({ byTime }: ActivationScore): string {
  return (['early', 'middle', 'late'] as const).flatMap((window) => {
    const within = withinWindow(window, 1);
    const steps = byTime.filter(({ t }) => within(t));
    return steps.length === 0 ? [] : [`${window} ${(steps.reduce((sum, { fvu }) => sum + fvu, 0) / steps.length).toFixed(3)}`];
  }).join(', ');
}

function jsonOf({ folder, checkpoint: { format, d, n, k, nonlinearity, treatment, subtractBias, byDecoderNorm, notes, usual }, sidecar, scores, guess }: Known): unknown {
  const site = siteInName(folder);
  return {
    folder, format, d, n, k, nonlinearity, treatment: treatment ?? null, subtractBias, byDecoderNorm, notes: notes.map(english), usual: usual ?? null, siteInName: site ?? null,
    sidecar: sidecar === undefined ? null : { site: sidecar.site, activation: sidecar.activation, branch: sidecar.branch, tRange: sidecar.tRange, modelHash: sidecar.modelHash, quality: sidecar.quality },
    ...(scores !== undefined && guess !== undefined && {
      scores: scores.map(({ site: of, activation, byBranch, cut, byTime }) => ({ site: of, activation, fvu: Object.fromEntries(Object.entries(byBranch).map(([branch, { fvu }]) => [branch, fvu])), cut, byTime })),
      guess: { site: guess.score.site, activation: guess.score.activation, branch: guess.branch, plausible: guess.plausible },
    }),
  };
}
