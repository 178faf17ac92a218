import { copyFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { InputError } from '../base/errors.ts';
import { fileError } from '../base/fileBytes.ts';
import { describeCheckpoint, saeFolders } from '../sae/loadSaes.ts';
import { missingSidecar, readSidecar, sidecarName } from '../sae/sidecar.ts';
import { siteInName } from '../sae/siteInName.ts';
import { writeSaelens } from '../sae/writeSaelens.ts';
import type { Command } from './command.ts';
import { readArguments, UsageError } from './readArguments.ts';

const options = {
  to: { type: 'string', value: 'FORMAT', summary: 'saelens (default, and the only one)' },
} as const;

/** `dmi sae convert`: write checkpoints of any format as SAELens does. */
export const command: Command = {
  name: 'sae convert',
  usage: '<SAEs folder> <new folder>',
  summary: 'write SAE checkpoints in the format of SAELens, with what is known of their training',
  options,
  async run(args, terminal) {
    const { values, positionals: [folder, out] } = readArguments(args, options, { min: 2, max: 2 });
    if ((values.to ?? 'saelens') !== 'saelens') throw new UsageError(`--to takes saelens, not "${values.to ?? ''}"`);
    for (const source of await saeFolders(folder)) {
      const target = join(out, relative(folder, source));
      if (resolve(target) === resolve(source)) throw new InputError('is the folder of the SAE itself', { file: target, remedy: 'Name a new folder.' });
      if (await saeFolders(target).then(() => true, () => false)) throw new InputError('holds an SAE already', { file: target, remedy: 'Name a new folder, or delete that SAE with all that lies beside it.' });
      const checkpoint = await describeCheckpoint(source);
      const sidecar = await missingSidecar(source) === undefined ? await readSidecar(source, checkpoint.n) : undefined;
      await writeSaelens(target, await checkpoint.weights(), { ...checkpoint, site: sidecar?.site ?? siteInName(source) ?? 'unknown', model: sidecar?.modelHash ?? 'unknown' });
      if (sidecar !== undefined) {
        await copyFile(join(source, sidecarName), join(target, sidecarName)).catch((error: unknown) => { throw fileError(error, target); });
      }
      terminal.out(`${target}: ${checkpoint.format}, ${checkpoint.n} latents${sidecar === undefined ? `; find out what it was trained on: dmi sae info ${target} --model MODEL --write` : ''}\n`);
    }
    return 0;
  },
};
