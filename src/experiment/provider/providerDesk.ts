import { cpus } from 'node:os';
import { InputError } from '../../base/errors.ts';
import { english, phrase, type Phrase } from '../../base/phrase.ts';
import { elementTypes } from '../../onnx/elementType.ts';
import { recentIndex } from '../../onnx/recentIndex.ts';
import { defaultProvider, providers, readProvider } from '../../onnx/provider.ts';
import type { Provider, ProviderChoice } from '../../onnx/provider.ts';
import { providerFault } from '../../onnx/providerFault.ts';
import { runtimeBuild } from '../../onnx/session.ts';
import type { MachineOptions } from '../../onnx/session.ts';
import type { ModelRequest } from '../modelRequest.ts';
import { agreementOf, tolerances } from './agreement.ts';
import type { Computed, Trial } from './computed.ts';
import type { ProbeAnswer } from './probe.ts';
import type { ProbeFault, Prober } from './probeInChild.ts';
import { TrialStore } from './trialStore.ts';

/** What people ask of the machine: not yet checked. */
export interface MachineChoice {
  readonly threads?: number;
  /** A provider or `auto`; left out: the CPU. */
  readonly provider?: string;
}

export interface DeskOptions {
  readonly prober: Prober;
  /** What was decided, and why, as soon as it is. */
  readonly tell: (what: Phrase) => void;
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

/**
 * Decides what computes. `auto` tries every provider that this build of ONNX Runtime knows, with a few real steps of the model in a process of its own; the fastest that
 * agrees with the CPU is taken. A provider that was asked for by name is tried once, too, before the model is loaded on it: where it fails, that is said, and nothing else
 * takes its place. What was found is kept beside the runs.
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
  async admit(request: ModelRequest): Promise<MachineOptions & { readonly computed: Computed }> {
    const asked = this.#asked;
    const provider = await this.providerFor(request);
    const { version, backends } = await runtimeBuild();
    if (!backends.includes(provider)) throw providerFault(new Error('backend not found'), provider, { platform: process.platform, backends });
    const trials = asked === 'auto' ? (await (await this.#store(request)).read()).trials : provider === defaultProvider ? [] : [await this.#check(request, provider)];
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

  get #asked(): ProviderChoice {
    return readProvider(this.#machine.provider ?? defaultProvider);
  }

  async #store({ pipeline, cacheFolder }: ModelRequest): Promise<TrialStore> {
    return TrialStore.open(cacheFolder, await pipeline.hash(), (await runtimeBuild()).version, this.#machine.threads);
  }

  async #choose(request: ModelRequest): Promise<Provider> {
    const store = await this.#store(request);
    const kept = await store.read();
    const known = providers.find((provider) => provider === kept.choice);
    if (known !== undefined && !this.#again) return known;
    this.#again = false;
    const { backends } = await runtimeBuild();
    const candidates = providers.filter((provider) => provider !== defaultProvider && backends.includes(provider));
    this.#options.tell(phrase`auto: measuring ${[defaultProvider, ...candidates].join(', ')} with ${timedSteps} steps each; this is done once for a model`);
    const cpu = await this.#try(request, defaultProvider, { rounds: timedSteps, patienceMs: Infinity, seconds: cpuSeconds });
    if ('fault' in cpu) return defaultProvider; // whatever is wrong with the model is said when it is loaded
    const cpuMs = cpu.stepMs ?? Infinity;
    const trials: Trial[] = [{ provider: defaultProvider, stepMs: cpuMs }];
    for (const provider of candidates) {
      trials.push(await this.#compare(request, provider, cpu, { rounds: timedSteps, patienceMs: patience * cpuMs, seconds: probeSeconds }));
    }
    const usable = trials.filter(({ fault, agreement }) => fault === undefined && (agreement?.worst ?? 0) <= 1).sort((a, b) => (a.stepMs ?? Infinity) - (b.stepMs ?? Infinity));
    const [best] = usable;
    await store.write({ trials, choice: best.provider }, request.cacheFolder);
    for (const trial of trials) this.#options.tell(describeTrial(trial));
    this.#options.tell(phrase`auto: ${best.provider} computes`);
    return providers.find((provider) => provider === best.provider) ?? defaultProvider;
  }

  /** The trial of a provider that was asked for by name. One that failed before is given another chance: its driver may have been installed since. */
  async #check(request: ModelRequest, provider: Provider): Promise<Trial> {
    const store = await this.#store(request);
    const kept = await store.read();
    const known = kept.trials.find((trial) => trial.provider === provider);
    if (known !== undefined && known.fault === undefined && !this.#again) return known;
    this.#again = false;
    this.#options.tell(phrase`trying the provider ${provider} for the first time with this model, beside the CPU`);
    const once = { rounds: 0, patienceMs: Infinity };
    const tried = await this.#try(request, provider, { ...once, seconds: namedSeconds });
    const trial: Trial = 'fault' in tried ? { provider, stepMs: null, fault: english(tried.fault) }
      : await this.#trialOf(request, provider, await this.#try(request, defaultProvider, { ...once, seconds: cpuSeconds }), tried);
    await store.write({ ...kept, trials: [...kept.trials.filter((other) => other.provider !== provider), trial] }, request.cacheFolder);
    if ('fault' in tried) {
      throw new InputError(tried.remedy === undefined ? phrase`the provider ${provider} failed when it was tried: ${tried.fault}` : tried.fault, {
        file: request.pipeline.folder, place: provider, remedy: tried.remedy ?? phrase`Choose the provider ${defaultProvider}, or auto; docs/providers.md says what each needs.`,
      });
    }
    this.#options.tell(describeTrial(trial));
    return trial;
  }

  async #compare(request: ModelRequest, provider: Provider, cpu: ProbeAnswer, limits: { rounds: number; patienceMs: number; seconds: number }): Promise<Trial> {
    const tried = await this.#try(request, provider, limits);
    return 'fault' in tried ? { provider, stepMs: null, fault: english(tried.fault) } : this.#trialOf(request, provider, cpu, tried);
  }

  async #trialOf(request: ModelRequest, provider: Provider, cpu: ProbeAnswer | ProbeFault, { outputs, stepMs, placement }: ProbeAnswer): Promise<Trial> {
    return {
      provider, stepMs: stepMs ?? null, ...(placement !== undefined && { placement }),
      ...(!('fault' in cpu) && { agreement: agreementOf(cpu.outputs, outputs, tolerances[await precisionOf(request)]) }),
    };
  }

  async #try(request: ModelRequest, provider: Provider, { rounds, patienceMs, seconds }: { rounds: number; patienceMs: number; seconds: number }): Promise<ProbeAnswer | ProbeFault> {
    const { prober, signal = new AbortController().signal } = this.#options;
    const { threads } = this.#machine;
    const outcome = await prober({
      model: request.pipeline.folder, saes: request.saes.map(({ folder }) => folder), branch: request.branch,
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

/** One line about a trial. */
function describeTrial({ provider, stepMs, fault, agreement, placement }: Trial): Phrase {
  if (fault !== undefined) return phrase`${provider}: cannot be used: ${fault}`;
  const pace = stepMs === null ? phrase`not timed` : phrase`${stepMs.toPrecision(3)} ms a step`;
  if (agreement === undefined) return phrase`${provider}: ${pace}`;
  const { worst, of, difference, tolerance } = agreement;
  const numbers = worst <= 1 ? phrase`agrees with the CPU within ${difference.toExponential(1)} (tolerated: ${tolerance})`
    : phrase`disagrees with the CPU by ${difference.toExponential(1)} in ${of} (tolerated: ${tolerance})`;
  if (placement === undefined) return phrase`${provider}: ${pace}, ${numbers}`;
  return phrase`${provider}: ${pace}, ${numbers}; ${placement.onCpu} of the U-Net's ${placement.nodes} nodes run on the CPU (${placement.operators.slice(0, 8).join(', ')})`;
}
