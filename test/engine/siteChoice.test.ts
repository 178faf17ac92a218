import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { parseTree } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.ts';
import { english, toPhrase } from '../../src/base/phrase.ts';
import { UsageError } from '../../src/commands/readArguments.ts';
import { command } from '../../src/commands/sites.ts';
import { checkAgainstFacts } from '../../src/experiment/checkAgainstFacts.ts';
import { FactsReader } from '../../src/experiment/modelFacts.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import { openInstrumentedUnet } from '../../src/instrument/instrumentUnet.ts';
import { readSites } from '../../src/instrument/readSites.ts';
import { holds } from '../support/exportHolds.ts';
import { exportFolder, exportGoldens, withRestOfPipeline } from '../support/exports.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { recordTerminal } from '../support/terminal.ts';

async function dmiSites(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const terminal = recordTerminal();
  const code = await command.run(args, terminal);
  return { code, stdout: terminal.stdout, stderr: terminal.stderr };
}

interface Listed { readonly number: number; readonly sum: string; readonly update: string; readonly shape: number[]; readonly between: { readonly attentions: number } }

describe('a model whose blocks have no names', () => {
  it('shows candidates, and the command that chooses them, which then holds for everything', async () => {
    const folder = await withRestOfPipeline('sd1-without-names');
    const { path } = (await openPipelineFolder(folder)).components.unet;
    expect(await readSites(path)).toEqual([]);
    await expect(openInstrumentedUnet(path, { taps: ['mid_block.attentions.0'], encoders: [], branch: 'cond' })).rejects.toThrow(
      expect.objectContaining({ remedy: expect.stringContaining('dmi sites') as string }) as Error);

    const { stdout } = await dmiSites(folder);
    expect(stdout).toMatch(/^n +channels x height x width +attentions/m);
    const listed = JSON.parse((await dmiSites(folder, '--json')).stdout) as Listed[];
    const { sites } = await exportGoldens('sd1-without-names');
    expect(listed.filter(({ between }) => between.attentions > 0)).toHaveLength(sites.length);
    expect(listed.every(({ shape }) => shape.length === 3)).toBe(true);

    const choices = [...stdout.matchAll(/--choose \d+=[\w.]+/g)].flatMap(([text]) => text.split(' '));
    const before = await (await openPipelineFolder(folder)).hash();
    const chosen = await dmiSites(folder, ...choices);
    expect(chosen.stderr).toContain('dmi-sites.json');
    expect(chosen.stdout.split('\n').slice(1, -1).map((line) => line.split(/ {2,}/).map((cell) => cell.trim()))).toEqual([
      ['down_blocks.0.attentions.0', '8 x 8 x 8', 'choice'], ['mid_block.attentions.0', '16 x 4 x 4', 'choice'],
      ['up_blocks.1.attentions.0', '8 x 8 x 8', 'choice'], ['up_blocks.1.attentions.1', '8 x 8 x 8', 'choice'],
    ]);
    expect((await readSites(path)).map(({ name }) => name).sort()).toEqual([...sites].sort());
    expect(await (await openPipelineFolder(folder)).hash(), 'what is a site is part of what a model is').not.toBe(before);
  });

  it('is told what is still missing, once some of them have been chosen', async () => {
    const folder = await withRestOfPipeline('sd1-without-names');
    const { stderr } = await dmiSites(folder, '--choose', '2=mid_block.attentions.0');
    expect(stderr).toMatch(/not recognised, .*: down_blocks\.0\.attentions\.0, up_blocks\.1\.attentions\.0, up_blocks\.1\.attentions\.1\n.*--candidates/);
    expect((await dmiSites(exportFolder('sd1-optimum'))).stderr).toBe('');
    expect((await dmiSites(exportFolder('sdxl-optimum'))).stderr).toBe('');
    expect((await dmiSites(exportFolder('sd2-dynamo'))).stderr).toBe('');
  });

  it('is chosen from by number and name only', async () => {
    const folder = await withRestOfPipeline('sd1-without-names');
    await expect(dmiSites(folder, '--choose', 'mid_block')).rejects.toThrow(UsageError);
    await expect(dmiSites(folder, '--choose', '1=../x')).rejects.toThrow(UsageError);
    await expect(dmiSites(folder, '--choose', '99=mid_block.attentions.0')).rejects.toThrow(/no candidate 99; they are 1 to \d+/);
  });

  it('forgets a choice with the U-Net that it was made for, and refuses one that its graph does not bear out', async () => {
    const folder = await withRestOfPipeline('sd1-without-names');
    const path = join(folder, 'unet', 'model.onnx');
    await dmiSites(folder, '--choose', '1=mid_block.attentions.0');
    const file = join(folder, 'dmi-sites.json');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/[0-9a-f]{64}/, 'a'.repeat(64)));
    expect(await readSites(path)).toEqual([]);
    await writeFile(file, text.replace(/"sum": "[^"]*"/, '"sum": "nowhere"'));
    await expect(readSites(path)).rejects.toThrow(/no sum with/);
  });

  it('is never taken in by a damaged choice', async () => {
    const folder = await withRestOfPipeline('sd1-without-names');
    const path = join(folder, 'unet', 'model.onnx');
    await dmiSites(folder, '--choose', '1=mid_block.attentions.0');
    const file = join(folder, 'dmi-sites.json');
    const valid = await readFile(file);
    const change = fc.tuple(fc.nat(valid.length - 1), fc.nat(255));
    await fc.assert(fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
      const bytes = Uint8Array.from(valid);
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    })), async (bytes) => {
      await writeFile(file, bytes);
      const sites = await readSites(path).catch((error: unknown) => error);
      if (sites instanceof Error) expect(sites).toBeInstanceOf(InputError);
      else expect((sites as unknown[]).length).toBeLessThanOrEqual(1);
    }), { seed: 1, numRuns: 60 });
  });
});

describe('supported: exports', () => {
  it('U-Nets whose blocks have no names at all: chosen once by hand, with dmi sites --choose', async () => {
    const folder = await withRestOfPipeline('sd1-without-names');
    const { stdout } = await dmiSites(folder);
    await dmiSites(folder, ...[...stdout.matchAll(/--choose \d+=[\w.]+/g)].flatMap(([text]) => text.split(' ')));
    await holds('sd1-without-names', { folder, how: ['choice'] });
  });
});

describe('a spec whose model has no SAE', () => {
  const read = async (model: string): Promise<InputError | undefined> => (await new FactsReader().read({ model, saes: [] })).noSites;

  it('is told where no block can be recognised, with the command that helps, until it has been used', async () => {
    const folder = await withRestOfPipeline('sd1-without-names');
    const reader = new FactsReader();
    const facts = await reader.read({ model: folder, saes: [] });
    const tree = parseTree('{ "dmi": 1, "model": "m", "sample": { "prompt": "x" } }');
    const remark = tree && checkAgainstFacts(tree, facts).find(({ code }) => code === 'no-sites');
    expect(remark?.severity).toBe('warning');
    expect(english(toPhrase(remark?.remedy ?? ''))).toContain(`dmi sites ${folder}`);
    await dmiSites(folder, '--choose', '2=mid_block.attentions.0');
    expect((await reader.read({ model: folder, saes: [] })).noSites).toBeUndefined();
  });

  it('is told why a model for another device cannot be looked into, and nothing about one that can', async () => {
    expect((await read(await withRestOfPipeline('sd1-for-a-gpu')))?.message).toMatch(/other devices only/);
    expect(await read(exportFolder('sd1-optimum'))).toBeUndefined();
    expect(await read(await temporaryFolder())).toBeUndefined();
  });
});

describe('a model optimised for a GPU', () => {
  it('is refused with the reason before anything is loaded', async () => {
    const folder = await withRestOfPipeline('sd1-for-a-gpu');
    await expect(dmiSites(folder)).rejects.toThrow(/operator (?:NhwcConv|GroupNorm|SkipGroupNorm|BiasSplitGelu) runs on other devices only/);
  });
});
