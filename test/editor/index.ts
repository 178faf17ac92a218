import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import type { EditorResult } from './result.ts';

/** Suites by the name that `DMI_SUITE` gives; each runs in a window of its own. */
const suites: Readonly<Record<string, () => Promise<unknown>>> = {
  editing: () => import('./editing.ts'),
};

/**
 * Called by VS Code in the extension host, where everything of the extension's own world is at hand. Results go to the file that `DMI_RESULTS` names.
 * @throws Error when a test failed: VS Code ends with an error then
 */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, reporter: class {} as unknown as Mocha.ReporterConstructor });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  const load = suites[process.env.DMI_SUITE ?? 'editing'];
  if (load === undefined) throw new Error(`no suite ${process.env.DMI_SUITE ?? ''}`);
  await load();

  const results: EditorResult[] = [];
  const record = (test: Mocha.Test | Mocha.Hook, error: Error | undefined) => {
    const result = { title: test.titlePath().join(' › '), ms: test.duration ?? 0, error: error === undefined ? null : error.stack ?? error.message };
    results.push(result);
    console.log(`${error === undefined ? '✓' : '✗'} ${result.title} ${result.ms} ms${result.error === null ? '' : `\n${result.error}`}`);
  };
  await new Promise<void>((resolve) => {
    mocha.run(() => { resolve(); })
      .on('pass', (test) => { record(test, undefined); })
      .on('fail', (test, error: Error) => { record(test, error); });
  });
  const file = process.env.DMI_RESULTS;
  if (file !== undefined) writeFileSync(file, JSON.stringify(results));
  const failed = results.filter(({ error }) => error !== null).length;
  if (failed > 0) throw new Error(`${failed} of ${results.length} tests failed`);
}
