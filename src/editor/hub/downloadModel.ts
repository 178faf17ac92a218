import { join } from 'node:path';
import { commands as vscodeCommands, env, l10n, ProgressLocation, Uri, window, workspace, type CancellationToken } from 'vscode';
import { byteSize } from '../../base/byteSize.ts';
import { CancelledError, InputError } from '../../base/errors.ts';
import { say } from '../../base/phrase.ts';
import type { HubClient } from '../../hub/hubClient.ts';
import { AccessError } from '../../hub/hubFaults.ts';
import { hubEndpoint } from '../../hub/endpoint.ts';
import { nameOf, parseHubId, type HubId } from '../../hub/hubId.ts';
import { openHub } from '../../hub/openHub.ts';
import { planPull, type PullPlan } from '../../hub/planPull.ts';
import { pull, pulledBefore } from '../../hub/pull.ts';
import { holdsPlan, realTarget } from '../../hub/pullTarget.ts';
import { defaultFolder } from '../../hub/useInSpec.ts';
import { mayRun } from '../jobs/mayRun.ts';
import { showFault } from '../jobs/reportFailures.ts';
import { commands } from '../ids.ts';
import type { Host } from '../services.ts';
import { askToken, storedToken } from './hubTokenStore.ts';
import { offerUse } from './offerUse.ts';
import { timeLeft } from './timeLeft.ts';

/** Ask what to download and where to, show its size, and fetch it once that is confirmed. @param named a repository, from whoever calls the command; asked where absent */
export async function downloadModel(host: Host, named: unknown): Promise<void> {
  if (!await mayRun()) return;
  let subject = l10n.t('Download');
  try {
    const endpoint = hubEndpoint(process.env);
    const wanted = typeof named === 'string' ? parseHubId(named, endpoint) : await askId(endpoint);
    if (wanted === undefined) return;
    subject = wanted.id;
    const token = await storedToken(host.context.secrets);
    const hub = await openHub(process.env, token);
    const plan = await window.withProgress({ location: ProgressLocation.Notification, title: l10n.t('Looking at {0}', wanted.id), cancellable: true }, (_, cancel) => planPull(hub, wanted, signalOf(cancel)));
    const target = await askTarget(plan);
    if (target === undefined) return;
    const there = await holdsPlan(target, plan);
    if (!there) {
      if (!await confirm(plan, target, hub)) return;
      await fetchPlan(hub, plan, target);
    }
    await offerUse(plan, target, there);
  } catch (error) {
    await tell(host, subject, error);
  }
}

async function askId(endpoint: URL): Promise<HubId | undefined> {
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

/** Beside the specs of the workspace if people want nothing else: a spec may name only what lies in its workspace. */
async function askTarget(plan: PullPlan): Promise<string | undefined> {
  const [kind, name] = [defaultFolder(plan.kind), nameOf(plan.id)];
  const choose = l10n.t('Another folder...');
  const places = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map((folder) => ({ label: `${folder.name}/${kind}/${name}`, detail: join(folder.uri.fsPath, kind, name), folder: join(folder.uri.fsPath, kind) }));
  const items = [...places, { label: choose, detail: l10n.t('A spec can name models of its own workspace only'), folder: undefined }];
  const picked = places.length === 0 ? items[0] : await window.showQuickPick(items, { title: l10n.t('Where to?'), ignoreFocusOut: true });
  if (picked === undefined) return undefined;
  const folder = picked.folder ?? (await window.showOpenDialog({ canSelectFiles: false, canSelectFolders: true, openLabel: l10n.t('Download here') }))?.at(0)?.fsPath;
  return folder === undefined ? undefined : await realTarget(join(folder, name));
}

async function confirm(plan: PullPlan, target: string, hub: HubClient): Promise<boolean> {
  const before = await pulledBefore(plan, target);
  const size = byteSize(plan.bytes - before, env.language);
  const kind = plan.kind === 'pipeline' ? l10n.t('A pipeline') : l10n.t('SAEs');
  const detail = [
    l10n.t('{0}, {1} files, {2}, of commit {3}', kind, plan.files.length, byteSize(plan.bytes, env.language), plan.commit.slice(0, 12)),
    ...(before > 0 ? [l10n.t('{0} of it are here from an earlier attempt', byteSize(before, env.language))] : []),
    l10n.t('from {0}', hub.endpoint.host), l10n.t('into {0}', target),
    ...(hub.tokenFrom === undefined ? [] : [l10n.t('with the token of {0}', hub.tokenFrom)]),
  ].join('\n');
  const download = l10n.t('Download {0}', size);
  return await window.showInformationMessage(l10n.t('Download {0}?', plan.id), { modal: true, detail }, download) === download;
}

async function fetchPlan(hub: HubClient, plan: PullPlan, target: string): Promise<void> {
  await window.withProgress({ location: ProgressLocation.Notification, title: plan.id, cancellable: true }, async (progress, cancel) => {
    const left = timeLeft(plan.bytes, env.language);
    let shown = 0;
    await pull(hub, plan, target, {
      signal: signalOf(cancel),
      onProgress: (loaded) => {
        const seconds = left(loaded, performance.now());
        const percent = Math.floor(loaded / Math.max(1, plan.bytes) * 100);
        const part = l10n.t('{0} of {1}', byteSize(loaded, env.language), byteSize(plan.bytes, env.language));
        progress.report({ increment: percent - shown, message: seconds === undefined ? part : l10n.t('{0}, {1} left', part, seconds) });
        shown = percent;
      },
    });
  });
}

/** What went wrong, and the way on: a token, terms to accept, or the log. */
async function tell(host: Host, subject: string, error: unknown): Promise<void> {
  if (error instanceof CancelledError) return;
  if (!(error instanceof InputError)) throw error;
  const [message, remedy] = [say(error.phrases.message, l10n.t), say(error.phrases.remedy, l10n.t)];
  if (!(error instanceof AccessError)) {
    await showFault(subject, { message, remedy, file: error.file, ...(error.place !== undefined && { place: error.place }) }, host.log);
    return;
  }
  const [setToken, openPage] = [l10n.t('Set Hub Token'), l10n.t('Open Page')];
  const choice = await window.showErrorMessage(`${subject}: ${message}. ${remedy}`, ...(error.missing === 'token' ? [setToken] : []), openPage);
  if (choice === openPage) await env.openExternal(Uri.parse(error.page, true));
  if (choice === setToken && await askToken(host.context.secrets)) await vscodeCommands.executeCommand(commands.downloadModel, subject);
}

function signalOf(cancel: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (cancel.isCancellationRequested) controller.abort();
  cancel.onCancellationRequested(() => { controller.abort(); });
  return controller.signal;
}
