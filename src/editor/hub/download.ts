import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { env, l10n, window, workspace } from 'vscode';
import { byteSize } from '../../base/byteSize.ts';
import type { HubClient } from '../../hub/hubClient.ts';
import { nameOf } from '../../hub/hubId.ts';
import type { PullPlan } from '../../hub/planPull.ts';
import { pull, pulledBefore } from '../../hub/pull.ts';
import { holdsPlan, realTarget } from '../../hub/pullTarget.ts';
import { defaultFolder, folderName, useInSpec } from '../../hub/useInSpec.ts';
import { timeLeft } from './timeLeft.ts';
import { withProgress } from './withProgress.ts';

/** A plan and the folder that it is to make. */
export interface Download {
  readonly plan: PullPlan;
  /** Absolute. */
  readonly target: string;
}

/** Beside the specs of the workspace if people want nothing else: a spec may name only what lies in its workspace. @param plans of one repository @returns undefined where people think better of it */
export async function askTargets(plans: readonly PullPlan[]): Promise<Download[] | undefined> {
  const [first] = plans;
  const kind = defaultFolder(first.kind);
  const shown = plans.length === 1 ? folderName(first) : nameOf(first.id);
  const places = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ name, uri }) => ({ label: `${name}/${kind}/${shown}`, detail: join(uri.fsPath, kind, shown), folder: join(uri.fsPath, kind) }));
  const items = [...places, { label: l10n.t('Another folder...'), detail: l10n.t('A spec can name models of its own workspace only'), folder: undefined }];
  const picked = places.length === 0 ? items[0] : await window.showQuickPick(items, { title: l10n.t('Where to?'), ignoreFocusOut: true });
  if (picked === undefined) return undefined;
  const folder = picked.folder ?? (await window.showOpenDialog({ canSelectFiles: false, canSelectFolders: true, openLabel: l10n.t('Download here') }))?.at(0)?.fsPath;
  return folder === undefined ? undefined : await Promise.all(plans.map(async (plan) => ({ plan, target: await realTarget(join(folder, folderName(plan))) })));
}

/** Those that are not there yet. Every file of one that is there is read and checked. @throws InputError where something else is in the way, CancelledError */
export async function notThere(downloads: readonly Download[]): Promise<Download[]> {
  const missing: Download[] = [];
  for (const download of downloads) {
    const { plan, target } = download;
    const empty = await stat(target).then(() => false, () => true);
    if (empty || !await withProgress(l10n.t('Checking the files of {0}', folderName(plan)), (signal) => holdsPlan(target, plan, signal))) missing.push(download);
  }
  return missing;
}

/** Show what would be fetched, and ask. */
export async function confirmed(downloads: readonly Download[], hub: HubClient): Promise<boolean> {
  const [{ plan: first, target }] = downloads;
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
  const bytes = sum(downloads.map(({ plan }) => plan.bytes));
  const before = sum(await Promise.all(downloads.map(({ plan, target: folder }) => pulledBefore(plan, folder))));
  const kind = first.kind === 'pipeline' ? l10n.t('A pipeline') : l10n.t('SAEs');
  const detail = [
    l10n.t('{0}, {1} files, {2}, of commit {3}', kind, sum(downloads.map(({ plan }) => plan.files.length)), byteSize(bytes, env.language), first.commit.slice(0, 12)),
    ...(before > 0 ? [l10n.t('{0} of it are here from an earlier attempt', byteSize(before, env.language))] : []),
    l10n.t('from {0}', hub.endpoint.host),
    downloads.length === 1 ? l10n.t('into {0}', target) : l10n.t('into {0}, and {1} more beside it', target, downloads.length - 1),
    ...(hub.tokenFrom === undefined ? [] : [l10n.t('with the token of {0}', hub.tokenFrom)]),
  ].join('\n');
  const download = l10n.t('Download {0}', byteSize(bytes - before, env.language));
  return await window.showInformationMessage(l10n.t('Download {0}?', first.id), { modal: true, detail }, download) === download;
}

/** Fetch one after the other. @throws InputError, CancelledError; what is complete by then stays */
export async function fetchAll(hub: HubClient, downloads: readonly Download[]): Promise<void> {
  const total = downloads.reduce((sum, { plan }) => sum + plan.bytes, 0);
  const [{ plan: { id } }] = downloads;
  await withProgress(id, async (signal, report) => {
    const left = timeLeft(total, env.language);
    let complete = 0;
    for (const { plan, target } of downloads) {
      await pull(hub, plan, target, {
        signal,
        onProgress: (loaded) => {
          const [now, sum] = [performance.now(), complete + loaded];
          report(Math.floor(sum / Math.max(1, total) * 100), () => {
            const seconds = left(sum, now);
            const part = l10n.t('{0} of {1}', byteSize(sum, env.language), byteSize(total, env.language));
            return seconds === undefined ? part : l10n.t('{0}, {1} left', part, seconds);
          });
        },
      });
      complete += plan.bytes;
    }
  });
}

/** How a spec in a folder names SAEs that were downloaded. */
export function saesOf(downloads: readonly Download[], folder: string): string[] {
  return downloads.flatMap(({ plan, target }) => {
    const use = useInSpec(plan, target, folder);
    return 'saes' in use ? use.saes : [];
  });
}
