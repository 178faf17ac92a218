import { runMocha } from '../support/runMocha.ts';
import { runUntilStep } from '../support/workspace.ts';

/** A window that is killed while its engine loads and computes; the runner outside sees what is left. */
export function run(): Promise<void> {
  return runMocha('dying', () => {
    it('is in the midst of a run', async () => { await runUntilStep('endless.dmi.json', 1); });
  });
}
