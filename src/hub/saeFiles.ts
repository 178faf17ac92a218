/** Weights of the known formats of SAEs. */
const weights = /^(?:sae_weights\.safetensors|sae\.safetensors|ae\.pt|state_dict\.pth)$/;
/** What stands beside them. */
const beside = /^(?:cfg\.json|config\.json|hyperparameters\.json|activation_scaler\.json|sparsity\.safetensors|mean\.pt|std\.pt|dmi-sae\.json|dmi-labels\.json)$/;
/** OpenAI's: one file is all there is. */
const alone = '.pt';
/** What trainers of all kinds leave behind. */
const leftByTrainers = /^(?:optimizer|scheduler|rng_state.*|training_args|trainer_state|scaler)\.pt$/;

/** A file of an SAE, and where it is to lie so that it is found. */
export interface SaePlace {
  readonly path: string;
  readonly to: string;
}

/**
 * Of a repository's files those of SAEs, in folders of any depth; none where it holds none.
 * @param loose where there is none of a known name, other `.pt` files count as OpenAI's; of several in a folder each gets one of its own, as that format is read
 */
export function saePlaces(paths: readonly string[], loose: boolean): SaePlace[] {
  const folders = new Set(paths.filter((path) => weights.test(nameOf(path))).map(folderOf));
  if (folders.size > 0) return paths.filter((path) => folders.has(folderOf(path)) && (weights.test(nameOf(path)) || beside.test(nameOf(path)))).map((path) => ({ path, to: path }));
  const loners = loose ? paths.filter((path) => path.endsWith(alone) && !leftByTrainers.test(nameOf(path))) : [];
  const count = new Map<string, number>();
  for (const path of loners) count.set(folderOf(path), (count.get(folderOf(path)) ?? 0) + 1);
  return loners.map((path) => ({ path, to: count.get(folderOf(path)) === 1 ? path : `${path.slice(0, -alone.length)}/${nameOf(path)}` }));
}

/** Folders that hold an SAE each, in order; `''` for the top. */
export function saeFolders(files: readonly string[]): string[] {
  return [...new Set(files.filter((path) => weights.test(nameOf(path)) || path.endsWith(alone)).filter((path) => !beside.test(nameOf(path))).map(folderOf))].sort();
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
