/** Called by VS Code when the extension starts. The spec's language, icon and schema are contributed by the manifest alone. */
export function activate(): void {
  // Nothing runs in the editor yet: the command line does all the work.
}
