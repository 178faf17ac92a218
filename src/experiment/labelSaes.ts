import { setImmediate } from 'node:timers/promises';
import { InputError } from '../base/errors.ts';
import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import { labelDefinition } from '../concepts/labelling/definition.ts';
import { cohesionAndSeparability, monosemanticity } from '../concepts/labelling/labelQuality.ts';
import { labelSite, type SiteLabels } from '../concepts/labelling/labelSite.ts';
import { observePictures, type Observations } from '../concepts/labelling/observePictures.ts';
import { stretchesOf } from '../concepts/labelling/stretches.ts';
import type { LabelsFile } from '../concepts/labels.ts';
import { timestepsOf } from '../diffusion/timestepsOf.ts';
import { ownScheduler } from '../diffusion/schedulers/ownScheduler.ts';
import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import type { SampleRequest } from '../diffusion/sample.ts';
import { loadDualEncoder, type DualEncoder } from '../judge/dualEncoder.ts';
import type { NamingJudge } from '../judge/namingJudge.ts';
import { loadSegmenter } from '../judge/segmenter.ts';
import type { Provider } from '../onnx/provider.ts';
import type { Sae } from '../sae/sae.ts';
import { TracingModel } from './tracingModel.ts';

/** What is to be labelled, and with which pictures. */
export interface LabelRequest {
  readonly model: PipelineFolder;
  readonly saes: readonly Sae[];
  readonly judge: NamingJudge;
  /** A picture each; picture i has seed i. */
  readonly prompts: readonly string[];
  readonly sampling: Omit<SampleRequest, 'prompt' | 'seed' | 'signal'>;
  /** What runs the model; judges run on the CPU. */
  readonly provider: Provider;
  readonly signal: AbortSignal;
  /** Told after each step, over all pictures. */
  readonly onStep: (done: number, total: number) => void;
}

/**
 * Label SAEs of one model: generate pictures with the SAEs in place, let the judge look at them, and find what each concept goes with.
 * @returns the contents of `dmi-labels.json` of each SAE, in their order
 * @throws CancelledError, InputError
 */
export async function labelSaes(request: LabelRequest): Promise<LabelsFile[]> {
  const { model, saes, judge, prompts, sampling, provider, signal, onStep } = request;
  const opened: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(resource: T): T => {
    opened.push(resource);
    return resource;
  };
  try {
    const tracing = keep(await TracingModel.load(model, saes, branchOf(saes), model.folder, { provider }));
    const segmenter = keep(await loadSegmenter(judge));
    const encoder = keep(await loadDualEncoder(judge));
    const requests = prompts.map((prompt, seed): SampleRequest => ({ ...sampling, prompt, seed, signal }));
    const { length: calls } = timestepsOf(tracing.pipeline, sampling);
    const observers = { vocabulary: judge.vocabulary, segmenter, encoder };
    const observations = await observePictures(tracing.pipeline, tracing.denoiser(), saes, observers, requests, (done) => {
      onStep(done, requests.length * calls);
    });
    const files: LabelsFile[] = [];
    for (const [index, sae] of saes.entries()) {
      await setImmediate(); // Ctrl-C is heard between sites
      throwIfCancelled(signal);
      files.push(await labelsOf(sae, index, observations, encoder, request));
    }
    return files;
  } finally {
    await Promise.all(opened.map((resource) => resource.close()));
  }
}

/** What the pictures say about the SAE at place `index`. */
async function labelsOf(
  sae: Sae, index: number, { sites, embeddings, times }: Observations, encoder: DualEncoder, { model, judge, prompts, sampling }: LabelRequest,
): Promise<LabelsFile> {
  const { concepts, given, givenByChance, halves } = labelSite(sites[index], stretchesOf(times));
  const embeddingOf = await embedLabels(concepts, encoder);
  const [early, middle, late] = (['early', 'middle', 'late'] as const).map((stretch) => cohesionAndSeparability(concepts.values(), stretch, embeddingOf));
  const { things, colours, backgrounds, styles } = judge.vocabulary;
  const { steps, guidanceScale } = sampling;
  const scheduler = sampling.scheduler ?? ownScheduler(model.components.scheduler);
  return {
    format: 1, site: sae.site, judgeHash: judge.hash, modelHash: await model.hash(), saeHash: sae.hash,
    images: prompts.length, sample: { scheduler, steps, guidanceScale, seeds: [0, prompts.length - 1] }, prompts: [...prompts],
    definition: labelDefinition,
    vocabulary: { things: [...things], colours: [...colours], backgrounds: [...backgrounds], styles: [...styles] },
    given, givenByChance, halves,
    quality: {
      monosemanticity: monosemanticity(sites[index], embeddings),
      cohesion: { early: early.cohesion, middle: middle.cohesion, late: late.cohesion },
      separability: { early: early.separability, middle: middle.separability, late: late.separability },
    },
    concepts: Object.fromEntries(concepts),
  };
}

/** The branch that the SAEs were trained on; those for both are read on the conditioned one. @throws InputError when they differ */
function branchOf(saes: readonly Sae[]): 'cond' | 'uncond' {
  const branches = new Set(saes.map(({ sidecar: { branch } }) => (branch === 'both' ? 'cond' : branch)));
  const [branch] = branches;
  if (branches.size === 1) return branch;
  throw new InputError('holds SAEs of different branches', { file: saes[0].folder, remedy: 'Label them separately: name the folder of one SAE at a time.' });
}

async function embedLabels(concepts: SiteLabels['concepts'], encoder: DualEncoder): Promise<(label: string) => Float32Array> {
  const embeddings = new Map<string, Float32Array>();
  for (const label of new Set([...concepts.values()].flatMap(({ labels }) => labels.map((given) => given.label)))) {
    embeddings.set(label, await encoder.embedText(label));
  }
  return (label) => embeddings.get(label) ?? new Float32Array();
}
