import { mean } from '../base/statistics.ts';
import type { Tensor } from '../base/tensor.ts';
import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import type { Branch } from '../concepts/siteTrace.ts';
import { Generation, stateToLookAt } from '../diffusion/generation.ts';
import type { EditDefinition } from '../experiment/editDefinition.ts';
import type { EditInputs } from '../experiment/editInputs.ts';
import { latentsAfter } from '../experiment/latentsFile.ts';
import type { StoredRun } from '../experiment/runStore.ts';
import type { TracingModel } from '../experiment/tracingModel.ts';
import { ArraySpool } from './arraySpool.ts';
import { normRatio, rowOf, UpdateMoments } from './updateMoments.ts';

/** How far a run's edits push its updates from what the unedited runs have at the same sites and steps: each a mean over these. */
export interface RunHealth {
  /** ‖Δ'‖ / ‖Δ‖; Δ is what the block computed in this very run. */
  readonly norm: number;
  /** Share of the entries of Δ' beyond 4 σ of the unedited runs. */
  readonly beyond: number;
  /** The same share of the unedited run of this seed: what there is without any edit. */
  readonly unedited: number;
}

/** Most steps in force that are looked at: each is asked of the U-Net once more, of every run. */
export const mostSteps = 5;

/** Unedited runs whose updates are gathered. */
export const mostBaselines = 32;

/** At most `mostSteps` of the steps in force, spread evenly, the first and the last among them. */
export function stepsToLookAt(edits: readonly EditDefinition[]): number[] {
  const inForce = [...new Set(edits.flatMap(({ steps }) => steps))].sort((a, b) => a - b);
  if (inForce.length <= mostSteps) return inForce;
  return Array.from({ length: mostSteps }, (_, index) => inForce[Math.round(index * (inForce.length - 1) / (mostSteps - 1))]);
}

/** Looks at updates again, at the latents that runs have stored. */
export class HealthMeter {
  readonly #model: TracingModel;
  readonly #inputs: EditInputs;
  readonly #steps: readonly number[];
  readonly #signal: AbortSignal;
  /** Recorded rows. */
  readonly #branch: 'cond' | 'uncond' | 'both';
  /** By site, branch and step. */
  readonly #moments = new Map<string, UpdateMoments>();
  readonly #unedited = new Map<number, number[]>();

  private constructor(model: TracingModel, inputs: EditInputs, steps: readonly number[], branch: 'cond' | 'uncond' | 'both', signal: AbortSignal) {
    this.#model = model;
    this.#inputs = inputs;
    this.#steps = steps;
    this.#branch = branch;
    this.#signal = signal;
  }

  /**
   * Gather what the updates of unedited runs are.
   * @param edits sites, branches and steps to look at. @param baselines unedited runs, one or more; the first 32 count
   */
  static async open(model: TracingModel, inputs: EditInputs, edits: readonly EditDefinition[], baselines: readonly StoredRun[], signal: AbortSignal): Promise<HealthMeter> {
    const meter = new HealthMeter(model, inputs, stepsToLookAt(edits), baselines[0].manifest.definition.trace.branch, signal);
    const spool = await ArraySpool.open(); // of a large model a single update has megabytes
    try {
      await meter.#gather(edits, baselines.slice(0, mostBaselines), spool);
    } finally {
      await spool.close();
    }
    return meter;
  }

  /** What lies beyond 4 σ is known only when all runs have been seen: their updates are looked at twice. */
  async #gather(edits: readonly EditDefinition[], baselines: readonly StoredRun[], spool: ArraySpool): Promise<void> {
    const seen: { readonly seed: number; readonly moments: UpdateMoments }[] = [];
    for (const run of baselines) {
      for (const step of this.#steps) {
        for (const { key, update } of this.#rows(edits, step, await this.#ask(run, step))) {
          const moments = this.#moments.get(key) ?? new UpdateMoments(this.#channels);
          this.#moments.set(key, moments);
          moments.add(update);
          seen.push({ seed: run.manifest.definition.sample.seed, moments });
          await spool.add(update);
        }
      }
    }
    let at = 0;
    for await (const update of spool.all()) {
      const { seed, moments } = seen[at++];
      const shares = this.#unedited.get(seed) ?? [];
      this.#unedited.set(seed, shares);
      shares.push(moments.shareBeyond(update));
    }
  }

  /** @param run with edits at the sites and steps that the meter was opened for. @returns undefined where none of the edited rows is recorded */
  async measure(run: StoredRun): Promise<RunHealth | undefined> {
    const { edits = [], sample: { seed } } = run.manifest.definition;
    const norms: number[] = [];
    const shares: number[] = [];
    for (const step of this.#steps) {
      for (const { key, update, edited } of this.#rows(edits, step, await this.#ask(run, step))) {
        norms.push(normRatio(edited, update));
        shares.push(this.#moments.get(key)?.shareBeyond(edited) ?? 0);
      }
    }
    return norms.length === 0 ? undefined : { norm: mean(norms), beyond: mean(shares), unedited: mean(this.#unedited.get(seed) ?? [...this.#unedited.values()].flat()) };
  }

  #channels = 0;

  /** The updates of one step of a run, before and after its edits. */
  async #ask(run: StoredRun, step: number): Promise<Readonly<Record<string, Tensor>>> {
    throwIfCancelled(this.#signal);
    const { sample, edits = [] } = run.manifest.definition;
    const from = step === 0 ? undefined : stateToLookAt(step, await latentsAfter(run, step - 1), sample.steps);
    const generation = await Generation.begin(this.#model.pipeline, sample, from && { from });
    return (await this.#model.predict(generation.input(), generation.timestep, generation.conditioning, this.#inputs.at([edits], step), { updates: true })).taps;
  }

  /** Rows on which an edit acts at a step and which the session shows. */
  #rows(edits: readonly EditDefinition[], step: number, taps: Readonly<Record<string, Tensor>>): { key: string; update: Float32Array; edited: Float32Array }[] {
    const touched = new Set(edits.filter(({ steps }) => steps.includes(step)).flatMap(({ site, branch }) => branchesOf(branch).map((row) => `${site} ${row}`)));
    return [...touched].flatMap((name) => {
      const [site, branch] = name.split(' ') as [string, Branch];
      const [update, edited] = [taps[`delta/${site}`], taps[`edited/${site}`]] as (Tensor | undefined)[];
      if (update === undefined || edited === undefined) return [];
      const row = this.#rowOf(branch, update.shape[0]);
      if (row === undefined) return [];
      [, this.#channels] = update.shape;
      return [{ key: `${name} ${step}`, update: rowOf(update, row), edited: rowOf(edited, row) }];
    });
  }

  #rowOf(branch: Branch, rows: number): number | undefined {
    const shown: readonly Branch[] = rows === 2 ? ['uncond', 'cond'] : [this.#branch === 'uncond' ? 'uncond' : 'cond'];
    const row = shown.indexOf(branch);
    return row < 0 ? undefined : row;
  }
}

function branchesOf(branch: EditDefinition['branch']): Branch[] {
  return branch === 'cond' || branch === 'uncond' ? [branch] : ['uncond', 'cond'];
}
