import * as faultTexts from '@vscode/l10n';
import { Disposable, l10n, window, workspace, type ExtensionContext } from 'vscode';
import { settingsSection } from './editor/ids.ts';
import { engineSettings } from './editor/jobs/engineSettings.ts';
import { jobsContribution } from './editor/jobs/jobsContribution.ts';
import { languageContribution } from './editor/language/languageContribution.ts';
import { lensContribution } from './editor/lenses/lensContribution.ts';
import { runsContribution } from './editor/runs/runsContribution.ts';
import { createWorkspaceRuns } from './editor/runs/workspaceRuns.ts';
import type { Contribution, Services } from './editor/services.ts';
import { createSpecDocuments } from './editor/specs/specDocuments.ts';
import { timelineContribution } from './editor/timeline/timelineContribution.ts';
import type { JobQueue } from './engine/job.ts';
import { createJobQueue } from './engine/jobQueue.ts';

const contributions: readonly Contribution[] = [languageContribution, lensContribution, jobsContribution, runsContribution, timelineContribution];

let queue: JobQueue | undefined;

/** Called by VS Code when a spec, a run or one of our views is first seen: registers everything and starts nothing. @returns what tests wait for */
export function activate(context: ExtensionContext): Pick<Services, 'queue'> {
  if (l10n.bundle !== undefined) faultTexts.config({ contents: l10n.bundle });
  const log = window.createOutputChannel('DMI Lens', { log: true });
  queue = createJobQueue(() => engineSettings((key) => workspace.getConfiguration(settingsSection).get(key), context.asAbsolutePath('dist/engine.mjs')), log);
  const specs = createSpecDocuments();
  const runs = createWorkspaceRuns(queue, context.workspaceState);
  const services: Services = { context, log, queue, specs, runs };
  context.subscriptions.push(log, specs, runs, Disposable.from(...contributions.map((contribute) => contribute(services))));
  return { queue };
}

/** Called by VS Code when the window closes. @returns when the engine process is gone */
export async function deactivate(): Promise<void> {
  await queue?.dispose();
}
