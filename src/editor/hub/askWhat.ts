import { env, l10n, window } from 'vscode';
import { byteSize } from '../../base/byteSize.ts';
import { InputError } from '../../base/errors.ts';
import { say } from '../../base/phrase.ts';
import { parseHubId, type HubId } from '../../hub/hubId.ts';
import { planParts, type PullPlan, type Repository } from '../../hub/planPull.ts';

/** Which repository; undefined where people think better of it. */
export async function askRepository(endpoint: URL): Promise<HubId | undefined> {
  const text = await window.showInputBox({
    title: l10n.t('Download Model'),
    prompt: l10n.t('A pipeline with ONNX files, or SAEs, on {0}', endpoint.host),
    placeHolder: l10n.t('owner/name, or the address of its page'),
    ignoreFocusOut: true,
    validateInput: (typed) => {
      try {
        if (typed.trim() !== '') parseHubId(typed, endpoint);
        return undefined;
      } catch (error) {
        return error instanceof InputError ? say(error.phrases.remedy, l10n.t) : undefined;
      }
    },
  });
  return text === undefined || text.trim() === '' ? undefined : parseHubId(text, endpoint);
}

/** What of a repository, where it holds several pipelines or SAEs. @returns undefined where people think better of it */
export async function askParts(repository: Repository): Promise<PullPlan[] | undefined> {
  const { id, parts } = repository;
  if (parts.length === 1) return planParts(repository, parts);
  const items = parts.map((part) => ({ label: part.folder === '' ? '/' : part.folder, description: byteSize(part.files.reduce((sum, { size }) => sum + size, 0), env.language), part }));
  const [kind] = parts;
  if (kind.kind === 'pipeline') {
    const picked = await window.showQuickPick(items, { title: l10n.t('Which pipeline of {0}?', id), ignoreFocusOut: true });
    return picked && planParts(repository, [picked.part]);
  }
  const picked = await window.showQuickPick(items, {
    title: l10n.t('Which SAEs of {0}?', id), placeHolder: l10n.t('One for each site that you want to look at'), canPickMany: true, ignoreFocusOut: true, matchOnDescription: true,
  });
  return picked === undefined || picked.length === 0 ? undefined : planParts(repository, picked.map(({ part }) => part));
}
