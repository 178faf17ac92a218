import { basename } from 'node:path';
import { env, l10n, type WebviewPanel } from 'vscode';
import type { Hold } from '../../experiment/runHolds.ts';
import { holdRuns } from '../../experiment/runHolds.ts';
import type { ExperimentOutcome } from '../../study/outcome.ts';
import type { CompareData, FromCompare, ToCompare } from '../../../webview/compareProtocol.ts';
import { displayLanguage } from '../displayLanguage.ts';
import { views } from '../ids.ts';
import { findOutcome } from '../panels/findOutcome.ts';
import { isExperimentStale } from '../panels/isStale.ts';
import { outcomePanel, outcomeTitle, type OutcomeFrame } from '../panels/outcomePanel.ts';
import { formatOutcomeSource, runFolder, runsFolder, type OutcomeSource } from '../panels/outcomeSource.ts';
import { panelPage } from '../panels/panelPage.ts';
import { panelSet, type PanelSet } from '../panels/panelSet.ts';
import { readExperiment } from '../panels/readOutcome.ts';
import type { Services } from '../services.ts';
import { findRun, readRunContent } from '../timeline/runContent.ts';
import { SaeNames } from '../timeline/saeNames.ts';
import { fromCompareTarget } from './compareTarget.ts';
import { readFromCompare } from './fromCompareSchema.ts';
import { pairOf, referencesOf, type PairReader } from './pairOf.ts';

/** Compare panels: what an experiment's edits changed, run beside run. */
export function createComparePanels(services: Services): { open(target: unknown): Promise<void> } & Pick<PanelSet, 'restore' | 'dispose'> {
  const names = new SaeNames();
  const panels = panelSet(views.compare, (panel, source) => { fill(panel, source, services, names); });
  return { open: (target) => panels.open(async () => fromCompareTarget(target) ?? findOutcome('experiments', target)), restore: (panel, state) => { panels.restore(panel, state); }, dispose: () => { panels.dispose(); } };
}

function fill(panel: WebviewPanel, source: OutcomeSource, services: Services, names: SaeNames): void {
  const post = (message: ToCompare): void => { panel.webview.postMessage(message).then(undefined, services.report); };
  const reader: PairReader = {
    folderOf: (reference) => runFolder(source, reference),
    find: (folder) => findRun(folder, l10n.t), content: (run) => readRunContent(run, l10n.t), names: (site, sae) => names.of(sae, site),
  };
  let hold: Promise<Hold> | undefined;
  const release = (): void => { hold?.then((held) => held.release()).catch(services.report); };
  const data = (outcome: ExperimentOutcome | undefined, frame: OutcomeFrame): CompareData => ({ ...frame, title: outcome?.name ?? outcomeTitle(source), outcome: outcome ?? null, language: displayLanguage() });
  const life = outcomePanel<ExperimentOutcome>(panel, services, {
    source, read: () => readExperiment(source, l10n.t), secondsOf: ({ cost }) => cost.seconds,
    isStale: (spec, outcome) => source.cell === undefined && isExperimentStale(spec, source.name, outcome),
    show: async (outcome, frame) => { await panel.webview.postMessage({ type: 'data', data: data(outcome, frame) } satisfies ToCompare); },
    reframe: ({ state, stale }) => { post({ type: 'state', state, stale }); },
  });

  async function sendPair({ seed, subject }: Extract<FromCompare, { type: 'pair' }>): Promise<void> {
    const { outcome } = life;
    if (outcome === undefined) return;
    const wanted = referencesOf(outcome, seed, subject);
    const folders = [wanted?.baseline.folder, wanted?.other.folder].flatMap((folder) => (folder === null || folder === undefined ? [] : runFolder(source, folder) ?? []));
    release();
    hold = holdRuns(runsFolder(source), folders.map((folder) => basename(folder))); // what is looked at is not removed to make room
    await hold;
    post({ type: 'pair', pair: await pairOf(outcome, seed, subject, reader, l10n.t) });
  }

  const page = panelPage(panel, services, {
    bundle: 'compare', source: formatOutcomeSource(source), read: readFromCompare,
    async answer(message) {
      switch (message.type) {
        case 'ready': await life.wake(); break;
        case 'run': await life.run(); break;
        case 'cancel': await life.cancel(); break;
        case 'openSpec': await life.openSpec(); break;
        case 'copy': await env.clipboard.writeText(message.text); break;
        case 'pair': await sendPair(message); break;
      }
      return true;
    },
  });
  panel.onDidDispose(() => {
    page.dispose();
    life.dispose();
    release();
  });
}
