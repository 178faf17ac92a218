import { setImmediate } from 'node:timers/promises';
import { CancelledError, InputError } from '../base/errors.ts';
import { labelDefinition } from '../concepts/labelling/definition.ts';
import { cohesionAndSeparability, monosemanticity } from '../concepts/labelling/labelQuality.ts';
import { labelSite, type SiteLabels } from '../concepts/labelling/labelSite.ts';
import { observePictures } from '../concepts/labelling/observePictures.ts';
import { stretchesOf } from '../concepts/labelling/stretches.ts';
import type { LabelsFile } from '../concepts/labels.ts';
import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';
import type { SampleRequest } from '../diffusion/sample.ts';
import { loadDualEncoder, type DualEncoder } from '../judge/dualEncoder.ts';
import type { JudgeFolder } from '../judge/judgeFolder.ts';
import { loadSegmenter } from '../judge/segmenter.ts';
import type { Sae } from '../sae/sae.ts';
import { TracingModel } from './tracingModel.ts';

/** What is to be labelled, and with which pictures. */
export interface LabelRequest {
  readonly model: PipelineFolder;
  readonly saes: readonly Sae[];
  readonly judge: JudgeFolder;
  /** A picture each; picture i has seed i. */
  readonly prompts: readonly string[];
  readonly sampling: Omit<SampleRequest, 'prompt' | 'seed' | 'signal'>;
  readonly signal: AbortSignal;
  /** Told after each step, over all pictures. */
  readonly onStep: (done: number, total: number) => void;
}

/**
 * Label SAEs of one model: generate pictures with the SAEs in place, let the judge look at them, and find what each concept goes with.
 * @returns the contents of `dmi-labels.json` of each SAE, in their order
 * @throws CancelledError, InputError
 */
export async function labelSaes({ model, saes, judge, prompts, sampling, signal, onStep }: LabelRequest): Promise<LabelsFile[]> {
  const tracing = await TracingModel.load(model, saes, branchOf(saes), model.folder);
  const segmenter = await loadSegmenter(judge);
  const encoder = await loadDualEncoder(judge);
  try {
    const requests = prompts.map((prompt, seed): SampleRequest => ({ ...sampling, prompt, seed, signal }));
    const observers = { vocabulary: judge.vocabulary, segmenter, encoder };
    const { sites, embeddings, times } = await observePictures(tracing.pipeline, tracing.denoiser(), saes, observers, requests, (done) => {
      onStep(done, requests.length * sampling.steps);
    });
    const files: LabelsFile[] = [];
    for (const [index, site] of sites.entries()) {
      await setImmediate(); // Ctrl-C is heard between sites
      if (signal.aborted) throw new CancelledError();
      const { concepts, given, givenByChance } = labelSite(site, stretchesOf(times));
      const embeddingOf = await embedLabels(concepts, encoder);
      const quality = (stretch: 'early' | 'middle' | 'late') => cohesionAndSeparability(concepts.values(), stretch, embeddingOf);
      const [early, middle, late] = [quality('early'), quality('middle'), quality('late')];
      files.push({
        format: 1, site: site.site, judgeHash: judge.hash, modelHash: await model.hash(), saeHash: saes[index].hash,
        images: prompts.length,
        sample: { scheduler: sampling.scheduler, steps: sampling.steps, guidanceScale: sampling.guidanceScale, seeds: [0, prompts.length - 1] },
        prompts: [...prompts], definition: labelDefinition,
        vocabulary: {
          things: [...judge.vocabulary.things], colours: [...judge.vocabulary.colours],
          backgrounds: [...judge.vocabulary.backgrounds], styles: [...judge.vocabulary.styles],
        },
        given, givenByChance,
        quality: {
          monosemanticity: monosemanticity(site, embeddings),
          cohesion: { early: early.cohesion, middle: middle.cohesion, late: late.cohesion },
          separability: { early: early.separability, middle: middle.separability, late: late.separability },
        },
        concepts: Object.fromEntries(concepts),
      });
    }
    return files;
  } finally {
    await Promise.all([tracing.close(), segmenter.close(), encoder.close()]);
  }
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
