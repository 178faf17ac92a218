import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCommandLine } from '../../src/commands/commandLine.ts';
import { runCommand } from '../../src/commands/run.ts';
import { exportFolder } from '../support/exports.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { recordTerminal } from '../support/terminal.ts';

/** What `dmi run` says of an export whose scheduler counts 999, 749.25, 499.5, 249.75, 0 in five steps. */
async function saidOf(name: string): Promise<string> {
  const folder = await temporaryFolder();
  await cp(exportFolder(name), join(folder, 'model'), { recursive: true });
  const scheduler = join(folder, 'model/scheduler/scheduler_config.json');
  await writeFile(scheduler, JSON.stringify({ ...JSON.parse(await readFile(scheduler, 'utf8')) as object, timestep_spacing: 'linspace' }));
  const spec = join(folder, 'a.dmi.json');
  await writeFile(spec, JSON.stringify({ dmi: 1, model: 'model', sample: { prompt: 'a boat', scheduler: 'euler', steps: 5, guidanceScale: 3 } }));
  const terminal = recordTerminal();
  expect(await runCommandLine([runCommand()], ['run', spec], terminal)).toBe(0);
  return terminal.stderr;
}

it('says that a U-Net of whole timesteps is asked beside those of the scheduler', async () => {
  expect(await saidOf('sd1-dynamo-fixed')).toContain('unet/model.onnx takes whole timesteps and is asked at 749 for 749.25: PyTorch\'s predictions differ. Export it with');
});

it('says nothing of one that takes floats', async () => {
  expect(await saidOf('sd1-optimum')).not.toContain('timesteps');
});
