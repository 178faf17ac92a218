import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/commands/commandLine.ts';
import { command } from '../../src/commands/plan.ts';
import { command as runCommand } from '../../src/commands/run.ts';
import type { ResultJson } from '../../src/report/resultJson.ts';
import { executeRuns } from '../../src/experiment/executeRuns.ts';
import { freshModels } from '../../src/experiment/modelLibrary.ts';
import { planSpec } from '../../src/experiment/planSpec.ts';
import { parseSpec } from '../../src/spec/parseSpec.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { recordTerminal } from '../support/terminal.ts';

const edit = { site: 'mid_block.attentions.0', concept: 3, add: 6, where: 'right', during: { steps: [2, 3] } };
const spec = {
  dmi: 1, model: 'builtin:scenes', sample: { prompt: 'a red house', seeds: [0, 1], steps: 4 },
  trace: { sites: ['mid_block.attentions.0'] },
  experiments: { ball: { edits: [edit] } },
  sweeps: { strength: { of: 'ball', vary: { '/edits/0/add': [6, 12] } } },
};

async function plan(path: string, ...args: string[]): Promise<string> {
  const terminal = recordTerminal();
  expect(await runCommandLine([command], ['plan', path, ...args], terminal)).toBe(0);
  return terminal.stdout;
}

describe('dmi plan', () => {
  it('shows what the runs of a spec share, and counts the calls of the U-Net', async () => {
    const path = join(await temporaryFolder(), 'test.dmi.json');
    const text = JSON.stringify(spec);
    await writeFile(path, text);
    // Per seed the baseline, then from step 2 twice the edit and six controls of its; the sweep's first variant is the experiment itself.
    const calls = 2 * (4 + 2 * 7 * 2); // beside them two for the identity of each, which the experiment and the sweep's first variant share
    expect(JSON.parse(await plan(path, '--json'))).toEqual({ unetCalls: calls + 4, naiveUnetCalls: 2 * (1 + 3 * 8) * 4 + 6, inspectionCalls: 4 });
    const shown = (await plan(path)).split('\n');
    expect(shown[0]).toBe('seed 0, 4 steps');
    expect(shown[1]).toMatch(/^ {2}from the start: baseline = ball: identity = /);
    expect(shown[2]).toBe('    from step 2: ball, random-concept 1, random-concept 2, random-concept 3, shuffled-region 1, shuffled-region 2, shuffled-region 3');
    expect(shown.filter((line) => line.startsWith('    from step 2: '))).toHaveLength(2 * 2);
    expect(shown.at(-3)).toBe('beside the runs: 4 calls for identity checks and "ood"');
    expect(shown.at(-2)).toBe(`${calls + 4} U-Net calls to make, 33 % of the 206 of a loop that makes each from its first step`);

    const parsed = await planSpec(parseSpec(text, path), freshModels());
    await executeRuns([{ plan: parsed.runs[1].plan, role: 'baseline' }], parsed, { models: freshModels(), signal: new AbortController().signal });
    expect(JSON.parse(await plan(path, '--json'))).toEqual({ unetCalls: calls, naiveUnetCalls: 206, inspectionCalls: 4 });
    expect(await plan(path)).toContain('strength[1]: identity (stored)');
    expect(await plan(path)).toContain(`${calls} U-Net calls to make (what is stored costs none; all of it: ${calls + 4})`);
  });

  it('plans the parts that are named, one or several, and knows what has been looked at', async () => {
    const path = join(await temporaryFolder(), 'test.dmi.json');
    const experiments = { ball: { edits: [edit], controls: ['identity'], measure: ['ood'] }, other: { edits: [{ ...edit, add: 9 }], controls: [] }, third: { edits: [{ ...edit, add: 8 }], controls: [] } };
    await writeFile(path, JSON.stringify({ ...spec, experiments, sweeps: {} }));
    const counted = async (...args: string[]): Promise<unknown> => JSON.parse(await plan(path, '--json', ...args));
    const looking = 2 + 2 * 2 + 2 * 2; // identity; two steps of two unedited runs and of two edited ones
    expect(await counted('--only', 'ball')).toMatchObject({ unetCalls: 2 * (4 + 2) + looking, inspectionCalls: looking });
    expect(await counted('--only', 'other', '--only', 'third')).toMatchObject({ unetCalls: 2 * (4 + 2 + 2), inspectionCalls: 0 });
    expect(await counted()).toMatchObject({ unetCalls: 2 * (4 + 3 * 2) + looking });
    const terminal = recordTerminal();
    expect(await runCommandLine([runCommand], ['run', path, '--json', '--only', 'ball', '--only', 'third'], terminal)).toBe(0);
    expect((JSON.parse(terminal.stdout) as ResultJson).experiments.map(({ name }) => name)).toEqual(['ball', 'third']);
    expect(await counted('--only', 'ball')).toMatchObject({ unetCalls: 0, inspectionCalls: 0 });
    expect(await counted()).toMatchObject({ unetCalls: 2 * 2, inspectionCalls: 0 });
    const wrong = recordTerminal();
    expect(await runCommandLine([command], ['plan', path, '--only', 'ball', '--only', 'othr'], wrong)).toBe(2);
    expect(wrong.stderr).toContain('did you mean "other"?');
  }, 60_000);

  it('names what keeps a spec from being planned', async () => {
    const path = join(await temporaryFolder(), 'test.dmi.json');
    await writeFile(path, JSON.stringify({ ...spec, experiments: { ball: { edits: [{ ...edit, concept: 'no such thing' }] } } }));
    const terminal = recordTerminal();
    expect(await runCommandLine([command], ['plan', path], terminal)).toBe(2);
    expect(terminal.stderr).toContain('no concept is labelled "no such thing"');
  });
});
