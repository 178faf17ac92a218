import { commands as vscodeCommands, env, l10n, Uri, window } from 'vscode';
import { CancelledError, InputError } from '../../base/errors.ts';
import { say } from '../../base/phrase.ts';
import { hubEndpoint } from '../../hub/endpoint.ts';
import { hubAddress, parseHubId, type HubId } from '../../hub/hubId.ts';
import { AccessError } from '../../hub/hubFaults.ts';
import { NothingHere } from '../../hub/nothingHere.ts';
import { openHub } from '../../hub/openHub.ts';
import { lookAt } from '../../hub/planPull.ts';
import { commands } from '../ids.ts';
import { mayRun } from '../jobs/mayRun.ts';
import { showFault } from '../jobs/reportFailures.ts';
import type { Host } from '../services.ts';
import { askParts, askRepository } from './askWhat.ts';
import { askTargets, confirmed, fetchAll, notThere } from './download.ts';
import { askToken, storedToken } from './hubTokenStore.ts';
import { offerUse } from './offerUse.ts';
import { withProgress } from './withProgress.ts';

/** Ask what to download and where to, show its size, and fetch it once that is confirmed. @param named a repository, from whoever calls the command; asked where absent */
export async function downloadModel(host: Host, named: unknown): Promise<void> {
  if (!await mayRun()) return;
  let wanted: HubId | undefined;
  try {
    const endpoint = hubEndpoint(process.env);
    wanted = typeof named === 'string' ? parseHubId(named, endpoint) : await askRepository(endpoint);
    if (wanted !== undefined) await download(host, wanted);
  } catch (error) {
    await tell(host, wanted, error);
  }
}

async function download(host: Host, wanted: HubId): Promise<void> {
  const hub = await openHub(process.env, await storedToken(host.context.secrets));
  const repository = await withProgress(l10n.t('Looking at {0}', wanted.id), (signal) => lookAt(hub, wanted, signal));
  const plans = await askParts(repository);
  const downloads = plans && await askTargets(plans);
  if (downloads === undefined) return;
  const missing = await notThere(downloads);
  if (missing.length > 0) {
    if (!await confirmed(missing, hub)) return;
    await fetchAll(hub, missing).catch((error: unknown) => {
      if (error instanceof CancelledError) void window.showInformationMessage(l10n.t('Cancelled. The next download goes on from there.'));
      throw error;
    });
  }
  await offerUse(host, downloads, missing.length === 0);
}

/** What went wrong, and the way on: a token, terms to accept, another branch, an export, or the log. */
async function tell(host: Host, wanted: HubId | undefined, error: unknown): Promise<void> {
  if (error instanceof CancelledError) return;
  if (!(error instanceof InputError)) throw error;
  const [message, remedy] = [say(error.phrases.message, l10n.t), say(error.phrases.remedy, l10n.t)];
  const subject = wanted?.id ?? l10n.t('Download');
  const ways = wanted === undefined ? [] : waysOn(host, wanted, error);
  if (ways.length === 0) {
    await showFault(subject, { message, remedy, ...(error.file.startsWith('http') ? {} : { file: error.file }), ...(error.place !== undefined && { place: error.place }) }, host.log);
    return;
  }
  const choice = await window.showErrorMessage(l10n.t('{0}: {1}. {2}', subject, message, remedy), ...ways.map(({ title }) => title));
  await ways.find(({ title }) => title === choice)?.go();
}

interface Way {
  readonly title: string;
  readonly go: () => Promise<unknown>;
}

function waysOn({ context: { secrets } }: Host, wanted: HubId, error: InputError): Way[] {
  const again = async (id: HubId): Promise<unknown> => await vscodeCommands.executeCommand(commands.downloadModel, hubAddress(id, hubEndpoint(process.env)));
  if (error instanceof AccessError) {
    const openPage = { title: l10n.t('Open Page'), go: async () => await env.openExternal(Uri.parse(error.page, true)) };
    return [...(error.missing === 'token' ? [{ title: l10n.t('Set Hub Token'), go: async () => await askToken(secrets) && await again(wanted) }] : []), openPage];
  }
  if (!(error instanceof NothingHere)) return [];
  const { exportCommand } = error;
  const branch = error.branches.at(0);
  if (branch !== undefined) return [{ title: l10n.t('Look at Branch {0}', branch), go: async () => await again({ ...wanted, revision: branch }) }];
  return exportCommand === undefined ? [] : [{ title: l10n.t('Copy Command'), go: async () => { await env.clipboard.writeText(exportCommand); } }];
}
