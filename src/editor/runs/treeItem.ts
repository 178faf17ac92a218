import { basename, dirname } from 'node:path';
import { ThemeColor, ThemeIcon, TreeItem, TreeItemCollapsibleState, Uri, workspace } from 'vscode';
import type { JobQueue, JobState } from '../../engine/job.ts';
import { commands, innerCommands } from '../ids.ts';
import { describeState } from '../jobs/statusOf.ts';
import { printable } from './oneLine.ts';
import { idOf, type GroupNode, type ModelNode, type RunNode, type SiteNode, type SpecNode, type StoredRunNode } from './runNode.ts';
import { findPicture } from './runPicture.ts';
import { damagedText, questionText, runText, type RowText, type Speech } from './runTexts.ts';
import { longestPrompt } from './runTooltip.ts';

const { None, Collapsed, Expanded } = TreeItemCollapsibleState;

/** A row of the view. What can be done with it hangs on its `contextValue`, in the manifest. */
export function treeItem(node: RunNode, queue: Pick<JobQueue, 'jobOf'>, speech: Speech): TreeItem | Promise<TreeItem> {
  const { t } = speech;
  switch (node.kind) {
    case 'group': return groupItem(node, speech);
    case 'spec': return specItem(node, queue, speech);
    case 'question': {
      const item = row(node, questionText(node.question, speech), { collapsible: Collapsed, context: 'dmi.question', icon: new ThemeIcon('layers') });
      item.tooltip = printable(node.question.runs[0].definition.sample.prompt, longestPrompt);
      return item;
    }
    case 'run': return runItem(node, speech);
    case 'damaged': return row(node, damagedText(node.run, speech), { context: 'dmi.damagedRun', icon: new ThemeIcon('warning', new ThemeColor('list.warningForeground')) });
    case 'model': return modelItem(node, speech);
    case 'site': return siteItem(node, speech);
    case 'note': {
      const item = row(node, plain(node.text, ''), { context: 'dmi.note', icon: undefined });
      item.tooltip = node.tooltip ?? node.text;
      return item;
    }
    case 'more': {
      const label = t('Show more ({0} left)', node.left);
      const item = row(node, plain(label, ''), { context: 'dmi.more', icon: new ThemeIcon('ellipsis') });
      item.command = { command: innerCommands.moreRuns, title: label };
      return item;
    }
  }
}

interface Look {
  readonly context: string;
  readonly icon: ThemeIcon | Uri | undefined;
  readonly collapsible?: TreeItemCollapsibleState;
}

function row(node: RunNode, { label, description, spoken }: RowText, { context, icon, collapsible = None }: Look): TreeItem {
  const item = new TreeItem(label, collapsible);
  item.id = idOf(node);
  item.contextValue = context;
  item.accessibilityInformation = { label: spoken };
  if (description !== '') item.description = description;
  if (icon !== undefined) item.iconPath = icon;
  return item;
}

function plain(label: string, description: string): RowText {
  return { label, description, spoken: description === '' ? label : `${label}, ${description}` };
}

function groupItem(node: GroupNode, { t }: Speech): TreeItem {
  switch (node.group) {
    case 'specs': return row(node, plain(t('Specs'), ''), { context: 'dmi.specs', icon: undefined, collapsible: Expanded });
    case 'runs': return row(node, plain(t('Runs'), ''), { context: 'dmi.runs', icon: undefined, collapsible: Expanded });
    case 'models': return row(node, plain(t('Models'), ''), { context: 'dmi.models', icon: undefined, collapsible: Collapsed });
  }
}

function specItem(node: SpecNode, queue: Pick<JobQueue, 'jobOf'>, { t }: Speech): TreeItem {
  const state = queue.jobOf(node.uri.fsPath)?.state;
  const folder = dirname(workspace.asRelativePath(node.uri));
  const description = state === undefined ? (folder === '.' ? '' : folder) : describeState(state, t);
  const item = row(node, plain(basename(node.uri.path), description), { context: 'dmi.spec', icon: specIcon(state), collapsible: Collapsed });
  item.resourceUri = node.uri;
  item.tooltip = workspace.asRelativePath(node.uri);
  item.command = { command: 'vscode.open', title: t('Open'), arguments: [node.uri] };
  return item;
}

function specIcon(state: JobState | undefined): ThemeIcon {
  switch (state?.kind) {
    case undefined: return ThemeIcon.File;
    case 'queued': return new ThemeIcon('clock');
    case 'starting': case 'running': case 'cancelling': return new ThemeIcon('sync~spin');
    case 'done': return new ThemeIcon('check', new ThemeColor('testing.iconPassed'));
    case 'cancelled': return new ThemeIcon('circle-slash');
    case 'failed': return new ThemeIcon('error', new ThemeColor('list.errorForeground'));
  }
}

async function runItem(node: StoredRunNode, speech: Speech): Promise<TreeItem> {
  const { t } = speech;
  const picture = await findPicture(node.run.folder);
  const icon = picture === undefined ? new ThemeIcon('file-media') : Uri.file(picture.path);
  const item = row(node, runText(node.run, node.under === 'runs', speech), { context: 'dmi.run', icon });
  item.command = { command: commands.openRun, title: t('Open Run'), arguments: [node] };
  return item;
}

function modelItem(node: ModelNode, { t }: Speech): TreeItem {
  const text = node.builtin ? plain('builtin:scenes', t('built in')) : plain(basename(node.folder), workspace.asRelativePath(node.folder));
  const item = row(node, text, { context: 'dmi.model', icon: new ThemeIcon('circuit-board'), collapsible: Collapsed });
  item.tooltip = node.folder;
  return item;
}

function siteItem(node: SiteNode, { t }: Speech): TreeItem {
  const { site, n, d, k, labels } = node.facts;
  const item = row(node, plain(site, t('{0} concepts, {1} named', n, labels.size)), { context: 'dmi.site', icon: new ThemeIcon('symbol-array') });
  item.tooltip = t('{0}: {1} concepts over {2} channels, {3} at a time', site, n, d, k);
  return item;
}
