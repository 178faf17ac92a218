import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkShape } from '../../src/base/checkShape.ts';
import { ExperimentOutcome, SweepOutcome } from '../../src/study/outcome.ts';

/** What one spec of the study came to. */
export interface SpecOutcomes {
  readonly experiments: readonly ExperimentOutcome[];
  readonly sweeps: readonly SweepOutcome[];
}

/** What `dmi run --json` says about where outcomes lie. */
interface Answer {
  readonly experiments?: readonly { readonly dir: string }[];
  readonly sweeps?: readonly { readonly dir: string }[];
}

/** `dmi run` did not end well. */
export class RunFailed extends Error {
  readonly exitCode: number;

  constructor(spec: string, exitCode: number) {
    super(`dmi run ${spec} ended with ${exitCode}; what it finished is kept, and the next npm run study:paper goes on from there`);
    this.exitCode = exitCode;
  }
}

/**
 * Run a spec with the command line that users have, and read what it wrote. Runs that are stored are not computed again.
 * @param cli path of the built command line
 * @throws RunFailed, after `dmi run` has said why on stderr
 */
export async function runSpec(cli: string, spec: string): Promise<SpecOutcomes> {
  const answer = JSON.parse(await outputOf(cli, spec)) as Answer;
  const remedy = 'Delete the folder and run the study again.';
  const read = async (dir: string, name: string): Promise<{ value: unknown; file: string }> => {
    const file = join(dir, name);
    return { file, value: JSON.parse(await readFile(file, 'utf8')) };
  };
  return {
    experiments: await Promise.all((answer.experiments ?? []).map(async ({ dir }) => {
      const { value, file } = await read(dir, 'experiment.json');
      return checkShape(ExperimentOutcome, value, file, remedy);
    })),
    sweeps: await Promise.all((answer.sweeps ?? []).map(async ({ dir }) => {
      const { value, file } = await read(dir, 'sweep.json');
      return checkShape(SweepOutcome, value, file, remedy);
    })),
  };
}

function outputOf(cli: string, spec: string): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [cli, 'run', spec, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => { text += part; });
    child.on('error', failed).on('close', (code) => {
      if (code === 0) done(text);
      else failed(new RunFailed(spec, code ?? 1));
    });
  });
}
