import { InputError } from '../../base/errors.ts';
import { phrase } from '../../base/phrase.ts';

/** A configuration as its file has it. */
type Config = Readonly<Record<string, unknown>>;

/** Whether SAELens before version 6 wrote it, as SAELens itself tells: by the version, or by keys that later versions have not. */
export function isLegacy(config: Config): boolean {
  const { metadata, sae_lens_version: own } = config;
  const version = own ?? (typeof metadata === 'object' && metadata !== null ? (metadata as Config).sae_lens_version : undefined);
  if (typeof version === 'string') return Number.parseInt(version, 10) < 6;
  return ['activation_fn', 'activation_fn_str', 'activation_fn_kwargs', 'hook_point'].some((key) => key in config) || !('architecture' in config);
}

/**
 * The same SAE as SAELens 6 would describe it (`handle_pre_6_0_config` in its loaders): a standard SAE whose activation function is "topk" is a TopK SAE, and normalisation was on or off.
 * @throws InputError at activation functions that version 6 does not know
 */
export function modernConfig(config: Config, file: string): Config {
  const name = config.activation_fn_str ?? config.activation_fn ?? 'relu';
  const { k } = (config.activation_fn_kwargs ?? {}) as Config;
  const { normalize_activations: normalised } = config;
  if (name !== 'relu' && name !== 'topk') {
    throw new InputError(phrase`activation function ${JSON.stringify(name)} is not supported`, { file, place: '/activation_fn', remedy: phrase`Use an SAE with relu or topk.` });
  }
  return {
    ...config,
    architecture: name === 'topk' ? 'topk' : config.architecture ?? 'standard',
    ...(name === 'topk' && { k: k ?? config.k }),
    normalize_activations: normalised === true ? 'expected_average_only_in' : normalised === false ? 'none' : normalised ?? 'none',
  };
}
