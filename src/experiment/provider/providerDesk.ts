import { cpus } from 'node:os';
import { InputError } from '../../base/errors.ts';
import { english, phrase } from '../../base/phrase.ts';
import { elementTypes } from '../../onnx/elementType.ts';
import { recentIndex } from '../../onnx/recentIndex.ts';
import { defaultProvider, providers, readProvider } from '../../onnx/provider.ts';
import type { Provider, ProviderChoice } from '../../onnx/provider.ts';
import { providerFault } from '../../onnx/providerFault.ts';
import { runtimeBuild } from '../../onnx/session.ts';
import type { MachineOptions } from '../../onnx/session.ts';
import type { ModelRequest } from '../modelRequest.ts';
import type { Tell } from '../tell.ts';
import { agreementOf, tolerances } from './agreement.ts';
import type { Computed, Trial } from './computed.ts';
import type { ProbeAnswer } from './probe.ts';
import type { ProbeFault, Prober } from './probeInChild.ts';
import { TrialStore } from './trialStore.ts';
import type { Trials } from './trialStore.ts';
import { trialText } from './trialText.ts';
import { beginUse, takeEndedUses } from './useMark.ts';

/** What people ask of the machine: not yet checked. */
export interface MachineChoice {
  readonly threads?: number;
  /** A provider or `auto`; left out: the CPU. */
  readonly provider?: string;
}

export interface DeskOptions {
  readonly prober: Prober;
  /** What was decided, and why, as soon as it is. */
  readonly tell: Tell;
  readonly signal?: AbortSignal;
  /** Forget what was measured before. */
  readonly again?: boolean;
}

/** Longer than loading the largest model and a few steps take on a device that is worth it. */
const probeSeconds = 120;
/** The same for one that was asked for by name, and may be slow. */
const namedSeconds = 600;
/** The CPU is the measure of the others, however long it takes. */
const cpuSeconds = 1800;
const timedSteps = 3;
/** A provider that takes this many times as long as the CPU is not timed any further. */
const patience = 2;

const tryAgain = phrase`After a new driver or more memory, let it be tried again: --measure-again, or "DMI: Measure Providers Again" in the editor.`;

/**
 * Decides what computes. `auto` tries every provider that this build of ONNX Runtime knows, with a few real steps of the model in a process of its own; the fastest that
 * agrees with the CPU is taken. A provider that was asked for by name is tried once, too, before the model is loaded on it: where it fails, that is said, and nothing else
 * takes its place. What was found is kept beside the runs; so is that a provider has taken a process along later on.
 */
export class ProviderDesk {
  readonly #machine: MachineChoice;
  readonly #options: DeskOptions;
  #again: boolean;

  constructor(machine: MachineChoice, options: DeskOptions) {
    this.#machine = machine;
    this.#options = options;
    this.#again = options.again ?? false;
  }

  /** What is to compute the runs of a model; known without loading anything, unless it has to be measured. @throws InputError at an unknown name, CancelledError */
  async providerFor(request: ModelRequest): Promise<Provider> {
    const asked = this.#asked;
    return asked === 'auto' ? this.#choose(request) : asked;
  }

  /** The same, certain to work as far as a trial can tell. @throws InputError where the provider asked for cannot be used, CancelledError */
  async admit(request: ModelRequest): Promise<MachineOptions & { readonly provider: Provider; readonly computed: Computed }> {
    const asked = this.#asked;
    const provider = request.provider ?? await this.providerFor(request);
    const { version, backends } = await runtimeBuild();
    if (!backends.includes(provider)) throw providerFault(new Error('backend not found'), provider, { platform: process.platform, backends });
    const trials = asked === 'auto' ? (await (await this.#store(request)).read()).trials : provider === defaultProvider ? [] : [await this.#check(request, provider)];
    if (provider !== defaultProvider) await this.#options.tell(phrase`${provider} computes the networks of the pipeline; judges, and the training of SAEs, stay on the CPU`, 'trial');
    const { threads } = this.#machine;
    return {
      provider, ...(threads !== undefined && { threads }),
      computed: {
        asked, networks: { unet: provider, textEncoder: provider, vaeDecoder: provider }, onnxRuntime: version,
        ...(provider === defaultProvider && { device: cpus().at(0)?.model.trim() ?? process.arch }),
        ...(trials.length > 0 && { trials }),
      },
    };
  }

  /** Compute with a provider, so that it is known the next time where the process does not outlive it. @throws what `work` throws */
  async using<T>(request: ModelRequest, provider: Provider, work: () => Promise<T>): Promise<T> {
    if (provider === defaultProvider) return work();
    const store = await this.#store(request);
    const end = await beginUse(store.folder, store.of, provider);
    try {
      return await work();
    } finally {
      await end();
      const kept = await store.read();
      if (kept.trials.some((trial) => trial.provider === provider && trial.unfinished)) {
        await store.write({ ...kept, trials: kept.trials.map(({ unfinished, ...trial }) => (trial.provider === provider || unfinished === undefined ? trial : { ...trial, unfinished })) });
      }
    }
  }

  get #asked(): ProviderChoice {
    return readProvider(this.#machine.provider ?? defaultProvider);
  }

  async #store({ pipeline, cacheFolder }: ModelRequest): Promise<TrialStore> {
    return TrialStore.open(cacheFolder, await pipeline.hash(), (await runtimeBuild()).version, this.#machine.threads);
  }

  async #choose(request: ModelRequest): Promise<Provider> {
    const store = await this.#store(request);
    const kept = await this.#lookBack(store);
    const known = providers.find((provider) => provider === kept.choice);
    if (known !== undefined && !this.#again && kept.trials.every((trial) => covers(trial, request))) return known;
    const { backends } = await runtimeBuild();
    const crashed = kept.trials.filter((trial) => trial.crashed && !this.#again);
    const candidates = providers.filter((provider) => provider !== defaultProvider && backends.includes(provider) && !crashed.some((trial) => trial.provider === provider));
    this.#again = false;
    await this.#options.tell(phrase`auto: measuring ${[defaultProvider, ...candidates].join(', ')} with ${timedSteps} steps each; this is done once for a model`, 'trial');
    const cpu = await this.#try(request, defaultProvider, { rounds: timedSteps, patienceMs: Infinity, seconds: cpuSeconds });
    if ('fault' in cpu) {
      await this.#options.tell(phrase`auto: the CPU computes, and others are not tried: it failed itself (${cpu.fault})`, 'warning');
      return defaultProvider;
    }
    const cpuMs = cpu.stepMs ?? Infinity;
    const trials: Trial[] = [{ provider: defaultProvider, stepMs: cpuMs, ...takingPart(request) }];
    for (const provider of candidates) {
      trials.push({ ...await this.#compare(request, provider, cpu, { rounds: timedSteps, patienceMs: patience * cpuMs, seconds: probeSeconds }), ...suspicion(kept, provider) });
    }
    trials.push(...crashed);
    const choice = fastest(trials);
    await store.write({ trials, choice });
    for (const trial of trials) await this.#options.tell(trialText(trial), 'trial');
    await this.#options.tell(phrase`auto: ${choice} computes`, 'trial');
    return choice;
  }

  /** The trial of a provider that was asked for by name. One that failed is given another chance the next time: its driver may have been installed since. */
  async #check(request: ModelRequest, provider: Provider): Promise<Trial> {
    const store = await this.#store(request);
    const kept = await this.#lookBack(store);
    const known = kept.trials.find((trial) => trial.provider === provider);
    if (known !== undefined && !this.#again) {
      if (known.crashed) {
        throw new InputError(phrase`the provider ${provider} passed its trial, but then: ${known.fault ?? ''}`, {
          file: request.pipeline.folder, place: provider, remedy: phrase`Choose the provider ${defaultProvider}, or auto. ${tryAgain}`,
        });
      }
      if (known.fault === undefined && known.agreement !== undefined && covers(known, request)) return known;
    }
    this.#again = false;
    await this.#options.tell(phrase`trying the provider ${provider} for the first time with this model, beside the CPU`, 'trial');
    const once = { rounds: 0, patienceMs: Infinity };
    const tried = await this.#try(request, provider, { ...once, seconds: namedSeconds });
    const cpu = 'fault' in tried ? undefined : await this.#try(request, defaultProvider, { ...once, seconds: cpuSeconds });
    const trial: Trial = 'fault' in tried ? { provider, stepMs: null, fault: english(tried.fault) } : { ...await this.#trialOf(request, provider, cpu, tried), ...suspicion(kept, provider) };
    await store.write({ ...kept, trials: [...kept.trials.filter((other) => other.provider !== provider), trial] });
    if ('fault' in tried) {
      throw new InputError(tried.remedy === undefined ? phrase`the provider ${provider} failed when it was tried: ${tried.fault}` : tried.fault, {
        file: request.pipeline.folder, place: provider, remedy: tried.remedy ?? phrase`Choose the provider ${defaultProvider}, or auto; docs/providers.md says what each needs.`,
      });
    }
    if (cpu !== undefined && 'fault' in cpu) await this.#options.tell(phrase`${provider} computes, and nobody knows how well: the CPU, to compare it with, failed (${cpu.fault})`, 'warning');
    else await this.#options.tell(trialText(trial), (trial.agreement?.worst ?? 0) > 1 ? 'warning' : 'trial');
    return trial;
  }

  /** What is kept, and what has become of processes since: the parent of one knows that it crashed; of another nobody knows whether it crashed or was killed, so that counts the second time. */
  async #lookBack(store: TrialStore): Promise<Trials> {
    let kept = await store.read();
    const ended = await takeEndedUses(store.folder, store.of);
    for (const { provider, crashed } of ended) {
      const others = kept.trials.filter((trial) => trial.provider !== provider);
      if (crashed === undefined && !kept.trials.some((trial) => trial.provider === provider && trial.unfinished)) {
        kept = { trials: [...others, { provider, stepMs: null, unfinished: true }] };
        await this.#options.tell(phrase`the last process that computed this model with ${provider} did not come to its end, crashed or killed: it is tried anew`, 'trial');
        continue;
      }
      const why = crashed === undefined ? phrase`two processes in a row that computed with it did not come to their ends` : phrase`the process that computed with it ended with ${crashed}`;
      const trials: Trial[] = [...others, { provider, stepMs: null, fault: english(why), crashed: true }];
      kept = { trials, ...(kept.choice !== undefined && { choice: fastest(trials) }) };
      if (this.#asked === 'auto') await this.#options.tell(phrase`auto: ${provider} is left out from now on for this model: ${why}. ${tryAgain}`, 'warning');
    }
    if (ended.length > 0) await store.write(kept);
    return kept;
  }

  async #compare(request: ModelRequest, provider: Provider, cpu: ProbeAnswer, limits: { rounds: number; patienceMs: number; seconds: number }): Promise<Trial> {
    const tried = await this.#try(request, provider, limits);
    return 'fault' in tried ? { provider, stepMs: null, fault: english(tried.fault) } : this.#trialOf(request, provider, cpu, tried);
  }

  async #trialOf(request: ModelRequest, provider: Provider, cpu: ProbeAnswer | ProbeFault | undefined, answer: ProbeAnswer): Promise<Trial> {
    const { stepMs, placement } = answer;
    return {
      provider, stepMs: stepMs ?? null, ...takingPart(request), ...(placement !== undefined && { placement }),
      ...(cpu !== undefined && !('fault' in cpu) && { agreement: agreementOf(cpu, answer, tolerances[await precisionOf(request)]) }),
    };
  }

  async #try(request: ModelRequest, provider: Provider, { rounds, patienceMs, seconds }: { rounds: number; patienceMs: number; seconds: number }): Promise<ProbeAnswer | ProbeFault> {
    const { prober, signal = new AbortController().signal } = this.#options;
    const { threads } = this.#machine;
    const { pipeline, saes, editable = [], branch } = request;
    const outcome = await prober({
      model: pipeline.folder, saes: saes.map(({ folder }) => folder), editable: editable.map(({ folder }) => folder), branch,
      machine: { provider, ...(threads !== undefined && { threads }) }, rounds, patienceMs,
    }, { seconds, signal });
    return 'answer' in outcome ? outcome.answer : outcome;
  }
}

/** Of a U-Net's weights. */
async function precisionOf({ pipeline }: ModelRequest): Promise<keyof typeof tolerances> {
  const { weights } = await recentIndex(pipeline.components.unet.path);
  return [...weights.values()].some(({ elementType }) => elementType === elementTypes.float16) ? 'float16' : 'float32';
}

/** What a trial for this request goes through. */
function takingPart({ saes, editable = [] }: ModelRequest): Pick<Trial, 'with'> {
  if (editable.length > 0) return { with: 'edits' };
  return saes.length > 0 ? { with: 'concepts' } : {};
}

/** Whether a trial went through all that is asked for now. */
function covers(trial: Trial, request: ModelRequest): boolean {
  const order = [undefined, 'concepts', 'edits'];
  return trial.fault !== undefined || order.indexOf(trial.with) >= order.indexOf(takingPart(request).with);
}

function suspicion({ trials }: Trials, provider: Provider): Pick<Trial, 'unfinished'> {
  return trials.some((trial) => trial.provider === provider && trial.unfinished) ? { unfinished: true } : {};
}

/** Of those that were timed and agree with the CPU. */
function fastest(trials: readonly Trial[]): Provider {
  const usable = trials.filter(({ fault, agreement, stepMs }) => fault === undefined && stepMs !== null && (agreement?.worst ?? 0) <= 1).sort((a, b) => (a.stepMs ?? 0) - (b.stepMs ?? 0));
  return providers.find((provider) => provider === usable.at(0)?.provider) ?? defaultProvider;
}
