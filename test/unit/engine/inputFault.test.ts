import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as l10n from '@vscode/l10n';
import { afterEach, describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { phrase } from '../../../src/base/phrase.ts';
import { toResponseError } from '../../../src/engine/engineFault.ts';
import { inputFault } from '../../../src/engine/processFaults.ts';
import { openPipelineFolder } from '../../../src/diffusion/pipelineFolder.ts';
import { loadSaeFolder } from '../../../src/sae/loadSaes.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const japanese = JSON.parse(readFileSync('l10n/bundle.l10n.ja.json', 'utf8')) as Record<string, string>;
afterEach(() => { l10n.config({ contents: {} }); });

/** What an error of the engine becomes in the host. */
function told(error: unknown) {
  const { data } = structuredClone({ data: toResponseError(error).data });
  if (data === undefined) throw new Error('the error carries nothing');
  return inputFault(data);
}

describe('a fault of input in the engine', () => {
  it('is told in English where the editor speaks no other language', () => {
    expect(told(new InputError(phrase`k ${3}, but ${'cfg.json'} says ${4}`, { file: '/sae', place: '/k', remedy: phrase`Save the SAE in float32.` })))
      .toEqual({ message: 'k 3, but cfg.json says 4', file: '/sae', place: '/k', remedy: 'Save the SAE in float32.' });
  });

  it('is told in the language of the editor, with its values, and with what others have said as they said it', async () => {
    l10n.config({ contents: japanese });
    const folder = await temporaryFolder();
    expect(told(await openPipelineFolder(join(folder, 'none')).catch((error: unknown) => error)))
      .toEqual({ message: 'フォルダーがありません', file: join(folder, 'none'), remedy: japanese['Name the folder of a pipeline exported to ONNX: the one that holds model_index.json.'] });
    expect(told(await loadSaeFolder(folder).catch((error: unknown) => error)))
      .toEqual({ message: 'SAE がありません', file: folder, remedy: expect.stringMatching(/^SAE のフォルダー、またはそれらを収めたフォルダーを指定してください。読める形式: SAELens/) as string });
    expect(told(new InputError(phrase`${phrase`there is no ${'{0}'}`} (and ${2} more: dmi check lists them)`, { file: 'a', remedy: 'words of others {0}' })))
      .toEqual({ message: '{0} はありません (他 2 件。dmi check で一覧できます)', file: 'a', remedy: 'words of others {0}' });
  });
});

/** What the command line alone raises need not be translated. */
const ofCommands = /^src\/(?:commands|editor|report)\/|(?:npy|promptFile|labelSaes|trainSae|activationBuffer)\.ts$/;

it('every fault that the engine can raise is a phrase', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).map((name) => join('src', name)).filter((name) => name.endsWith('.ts') && !ofCommands.test(name));
  const plain = files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/new InputError\(\s*(?:['"`]|[^,\n]*\? ['"`])[^\n]*/g)].map(([call]) => `${file}: ${call}`));
  expect(files).toContain('src/onnx/session.ts');
  expect(plain).toEqual([]);
});
