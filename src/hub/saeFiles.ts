/** Weights of the known formats of SAEs. */
const weights = /^(?:sae_weights\.safetensors|sae\.safetensors|ae\.pt|state_dict\.pth)$/;
/** What stands beside them. */
const beside = /^(?:cfg\.json|config\.json|hyperparameters\.json|activation_scaler\.json|sparsity\.safetensors|mean\.pt|std\.pt|dmi-sae\.json|dmi-labels\.json)$/;
/** OpenAI's: one file is all there is. */
const alone = '.pt';

/** Of a repository's files those of SAEs, in folders of any depth; none where it holds none. */
export function saeFiles(paths: readonly string[]): string[] {
  const folders = new Set(paths.filter((path) => weights.test(nameOf(path))).map(folderOf));
  if (folders.size === 0) return paths.filter((path) => path.endsWith(alone));
  return paths.filter((path) => folders.has(folderOf(path)) && (weights.test(nameOf(path)) || beside.test(nameOf(path))));
}

/** Folders that hold an SAE each (or several: OpenAI's), in order; `''` for the top. */
export function saeFolders(files: readonly string[]): string[] {
  return [...new Set(files.filter((path) => weights.test(nameOf(path)) || path.endsWith(alone)).filter((path) => !beside.test(nameOf(path))).map(folderOf))].sort();
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
