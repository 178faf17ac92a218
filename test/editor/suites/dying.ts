import { report } from '../support/runMocha.ts';
import { runUntilStep } from '../support/workspace.ts';

/** A window that is in the midst of a run and stays there, for the runner outside to kill: tests that end would make VS Code shut its extension host in an orderly way. */
export async function run(): Promise<void> {
  await runUntilStep('endless.dmi.json', 1);
  report('dying', [{ title: 'is in the midst of a run', error: null }]);
  await new Promise(() => undefined);
}
