import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';

/** One test that ran in the extension host, as the runner outside reads it. */
export interface EditorResult {
  readonly title: string;
  readonly error: string | null;
}

/**
 * Run tests in the extension host, where VS Code calls a module's `run`. Results are reported as `name`.
 * @param define calls `describe` @throws Error when a test failed: VS Code ends with an error then
 */
export async function runMocha(name: string, define: () => void): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 120_000, slow: 120_000, reporter: silent as unknown as Mocha.ReporterConstructor });
  mocha.suite.emit('pre-require', globalThis, '', mocha);
  define();

  const results: EditorResult[] = [];
  const record = (test: Mocha.Test | Mocha.Hook, error: Error | null) => {
    const result = { title: test.titlePath().join(' › '), error: error === null ? null : error.stack ?? error.message };
    results.push(result);
    console.log(`${error === null ? '✓' : '✗'} ${result.title} (${test.duration ?? 0} ms)${error === null ? '' : `\n${error.message}`}`);
  };
  await new Promise<void>((resolve) => {
    mocha.run(() => { resolve(); })
      .on('pass', (test) => { record(test, null); })
      .on('fail', (test, error: Error) => { record(test, error); });
  });
  report(name, results);
  const failed = results.filter(({ error }) => error !== null).length;
  if (failed > 0) throw new Error(`${failed} of ${results.length} tests failed`);
}

/** Leave a suite's results where the runner outside finds them, if there is one. */
export function report(name: string, results: readonly EditorResult[]): void {
  if (process.env.DMI_RESULTS === undefined) return;
  const file = join(process.env.DMI_RESULTS, `${name}.json`);
  writeFileSync(`${file}.part`, JSON.stringify(results));
  renameSync(`${file}.part`, file); // never seen half written
}

function silent(): void {
  // `record` says what there is to say
}
