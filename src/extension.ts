import * as faultTexts from '@vscode/l10n';
import { Disposable, l10n, window, workspace, type ExtensionContext } from 'vscode';
import { settingsSection } from './editor/ids.ts';
import { compareContribution } from './editor/compare/compareContribution.ts';
import { hubContribution } from './editor/hub/hubContribution.ts';
import { engineSettings } from './editor/jobs/engineSettings.ts';
import { jobsContribution } from './editor/jobs/jobsContribution.ts';
import { languageContribution } from './editor/language/languageContribution.ts';
import { lazily } from './editor/lazily.ts';
import { lensContribution } from './editor/lenses/lensContribution.ts';
import { runsContribution } from './editor/runs/runsContribution.ts';
import { saesContribution } from './editor/saes/saesContribution.ts';
import type { Contribution, Host } from './editor/services.ts';
import { testingContribution } from './editor/testing/testingContribution.ts';
import { sweepContribution } from './editor/sweep/sweepContribution.ts';
import { timelineContribution } from './editor/timeline/timelineContribution.ts';
import type { JobQueue } from './engine/job.ts';
import { createJobQueue } from './engine/jobQueue.ts';

const contributions: readonly Contribution[] = [languageContribution, lensContribution, jobsContribution, runsContribution, timelineContribution, compareContribution, sweepContribution, testingContribution, hubContribution, saesContribution];

let queue: JobQueue | undefined;

/** Called by VS Code when a spec, a run or one of our views is first seen: registers everything, loads and starts nothing. @returns what tests wait for */
export function activate(context: ExtensionContext): Pick<Host, 'queue'> {
  if (l10n.bundle !== undefined) faultTexts.config({ contents: l10n.bundle });
  const log = window.createOutputChannel('DMI Lens', { log: true });
  queue = createJobQueue(() => engineSettings((key) => workspace.getConfiguration(settingsSection).get(key), context.asAbsolutePath('dist/engine.mjs')), log);
  const report = (error: unknown): void => { log.error(error instanceof Error ? error : String(error)); };
  const shared = { context, log, queue, report };
  const services = lazily(async () => (await import('./editor/openServices.ts')).openServices(shared));
  context.subscriptions.push(log, services, Disposable.from(...contributions.map((contribute) => contribute({ ...shared, services }))));
  return { queue };
}

/** Called by VS Code when the window closes. @returns when the engine process is gone */
export async function deactivate(): Promise<void> {
  await queue?.dispose();
}
