import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/commands/commandLine.ts';
import { command } from '../../src/commands/plan.ts';
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
    const calls = 2 * (4 + 2 * 7 * 2);
    expect(JSON.parse(await plan(path, '--json'))).toEqual({ unetCalls: calls, naiveUnetCalls: 2 * (1 + 3 * 8) * 4 });
    const shown = (await plan(path)).split('\n');
    expect(shown[0]).toBe('seed 0, 4 steps');
    expect(shown[1]).toMatch(/^ {2}from the start: baseline = ball: identity = /);
    expect(shown[2]).toBe('    from step 2: ball, random-concept 1, random-concept 2, random-concept 3, shuffled-region 1, shuffled-region 2, shuffled-region 3');
    expect(shown.filter((line) => line.startsWith('    from step 2: '))).toHaveLength(2 * 2);
    expect(shown.at(-2)).toBe(`${calls} U-Net calls to make, 32 % of the 200 of a loop that makes each from its first step`);

    const parsed = await planSpec(parseSpec(text, path), freshModels());
    await executeRuns([{ plan: parsed.runs[1].plan, role: 'baseline' }], parsed, { models: freshModels(), signal: new AbortController().signal });
    expect(JSON.parse(await plan(path, '--json'))).toEqual({ unetCalls: calls - 4, naiveUnetCalls: 200 });
    expect(await plan(path)).toContain('strength[1]: identity (stored)');
    expect(await plan(path)).toContain(`${calls - 4} U-Net calls to make (what is stored costs none; all of it: ${calls})`);
  });

  it('names what keeps a spec from being planned', async () => {
    const path = join(await temporaryFolder(), 'test.dmi.json');
    await writeFile(path, JSON.stringify({ ...spec, experiments: { ball: { edits: [{ ...edit, concept: 'no such thing' }] } } }));
    const terminal = recordTerminal();
    expect(await runCommandLine([command], ['plan', path], terminal)).toBe(2);
    expect(terminal.stderr).toContain('no concept is labelled "no such thing"');
  });
});
