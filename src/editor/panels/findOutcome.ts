import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, sep } from 'node:path';
import { l10n, window, workspace } from 'vscode';
import { InputError } from '../../base/errors.ts';
import { readJsonFile } from '../../base/jsonFile.ts';
import { uriOf } from '../targetSpec.ts';
import { sourceOfFile, type OutcomeSource } from './outcomeSource.ts';

/** More outcomes than this are not offered in a list. */
const most = 200;
const maxBytes = 64 * 2 ** 20;

/**
 * The outcome that a command is about: `{ file, name }` with the spec's path, the uri of an outcome's file, or with nothing given, one that people pick. Anyone may call the command with
 * anything.
 */
export async function findOutcome(kind: OutcomeSource['kind'], target: unknown): Promise<OutcomeSource | undefined> {
  const named = namedBy(kind, target);
  if (named !== undefined) return named;
  const uri = uriOf(target);
  const isOutcome = uri?.scheme === 'file' && uri.path.endsWith(kind === 'sweeps' ? '/sweep.json' : '/experiment.json');
  return isOutcome ? readSource(uri.fsPath) : pick(kind);
}

function namedBy(kind: OutcomeSource['kind'], target: unknown): OutcomeSource | undefined {
  if (typeof target !== 'object' || target === null || !('file' in target) || !('name' in target)) return undefined;
  const { file, name } = target;
  return typeof file === 'string' && isAbsolute(file) && !/^[/\\]{2}/.test(file) && typeof name === 'string' && name !== '' ? { kind, spec: file, name } : undefined;
}

/** What an outcome's file says that it is the outcome of. @throws InputError when it does not lie where that outcome would */
async function readSource(file: string): Promise<OutcomeSource> {
  const value = await readJsonFile(file, { maxBytes });
  const { specFile, name } = typeof value === 'object' && value !== null ? value as { specFile?: unknown; name?: unknown } : {};
  const source = typeof specFile === 'string' && typeof name === 'string' ? sourceOfFile(file, specFile, name) : undefined;
  if (source === undefined) throw new InputError(l10n.t('this file does not lie where the outcome that it tells of would'), { file, remedy: l10n.t('Run the experiment again.') });
  return source;
}

/** Let people pick one of the outcomes in the workspace, the newest first. */
async function pick(kind: OutcomeSource['kind']): Promise<OutcomeSource | undefined> {
  const files = await workspace.findFiles(`**/.dmi/${kind}/*/*/${kind === 'sweeps' ? 'sweep' : 'experiment'}.json`, '**/node_modules/**', most);
  if (files.length === 0) {
    await window.showInformationMessage(kind === 'sweeps' ? l10n.t('No sweep has run here yet. Run one from its lens in the spec.') : l10n.t('No experiment has run here yet. Run one from its lens in the spec.'));
    return undefined;
  }
  const dated = await Promise.all(files.map(async (uri) => ({ uri, at: (await stat(uri.fsPath).catch(() => undefined))?.mtimeMs ?? 0 })));
  const items = dated.sort((a, b) => b.at - a.at).map(({ uri, at }) => {
    const folders = dirname(uri.fsPath).split(sep);
    return { label: folders.at(-1) ?? '', description: `${folders.at(-2) ?? ''} · ${new Date(at).toLocaleString()}`, uri };
  });
  const chosen = items.length === 1 ? items[0] : await window.showQuickPick(items, { placeHolder: kind === 'sweeps' ? l10n.t('Which sweep?') : l10n.t('Which experiment?'), matchOnDescription: true });
  return chosen && readSource(chosen.uri.fsPath);
}
