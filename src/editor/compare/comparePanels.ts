import { env, l10n, type WebviewPanel } from 'vscode';
import { InputError } from '../../base/errors.ts';
import type { ExperimentOutcome } from '../../study/outcome.ts';
import type { CompareData, FromCompare, ToCompare } from '../../../webview/compareProtocol.ts';
import { displayLanguage } from '../displayLanguage.ts';
import { views } from '../ids.ts';
import { findOutcome } from '../panels/findOutcome.ts';
import { isStale } from '../panels/isStale.ts';
import { outcomePanel, outcomeTitle, type OutcomeFrame } from '../panels/outcomePanel.ts';
import { formatOutcomeSource, runFolder, type OutcomeSource } from '../panels/outcomeSource.ts';
import { panelPage } from '../panels/panelPage.ts';
import { panelSet, type PanelSet } from '../panels/panelSet.ts';
import { readExperiment } from '../panels/readOutcome.ts';
import type { Services } from '../services.ts';
import { HeldRuns } from '../timeline/heldRuns.ts';
import { findRun, readPreviews, readRunContent } from '../timeline/runContent.ts';
import { SaeNames } from '../timeline/saeNames.ts';
import { fromCompareTarget } from './compareTarget.ts';
import { readFromCompare } from './fromCompareSchema.ts';
import { LivePairs } from './livePairs.ts';
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
  const held = new HeldRuns(services.report);
  const live = new LivePairs({ name: source.name, cell: source.cell, previewsOf, post, onError: services.report });
  let known: string | undefined;
  const data = (outcome: ExperimentOutcome | undefined, frame: OutcomeFrame): CompareData => ({ ...frame, title: outcome?.name ?? outcomeTitle(source), outcome: outcome ?? null, language: displayLanguage() });
  const life = outcomePanel<ExperimentOutcome>(panel, services, {
    source, read: () => readExperiment(source, l10n.t), secondsOf: ({ cost }) => cost.seconds,
    isStale: (spec, outcome) => source.cell === undefined && isStale(spec, source, outcome),
    async show(outcome, frame) {
      const before = known;
      known = JSON.stringify(outcome ?? null);
      // An outcome is written when all of its runs are finished, which may be long before the job is.
      if (frame.state.kind === 'done' || (before !== undefined && known !== before)) live.end();
      await panel.webview.postMessage({ type: 'data', data: data(outcome, frame) } satisfies ToCompare);
      live.resend();
    },
    reframe: ({ state, stale }) => { post({ type: 'state', state, stale }); },
    onJob: (job) => { live.follow(job); },
  });

  async function sendPair({ seed, subject }: Extract<FromCompare, { type: 'pair' }>): Promise<void> {
    const { outcome } = life;
    if (outcome === undefined) return;
    const wanted = referencesOf(outcome, seed, subject);
    const folders = [wanted?.baseline.folder, wanted?.other.folder].flatMap((folder) => (folder === null || folder === undefined ? [] : runFolder(source, folder) ?? []));
    held.hold(folders); // what is looked at is not removed to make room
    post({ type: 'pair', pair: await pairOf(outcome, seed, subject, reader, l10n.t) });
  }

  const page = panelPage(panel, services, {
    bundle: 'compare', source: formatOutcomeSource(source), read: readFromCompare,
    async answer(message) {
      switch (message.type) {
        case 'copy': await env.clipboard.writeText(message.text); break;
        case 'pair': await sendPair(message); break;
        default: await life.answer(message);
      }
      return true;
    },
  });
  panel.onDidDispose(() => {
    page.dispose();
    life.dispose();
    live.dispose();
    held.dispose();
  });
}

/** Predicted pictures of a run, once it is stored. */
async function previewsOf(folder: string, steps: readonly number[]): Promise<(Uint8Array | null)[] | undefined> {
  try {
    return await readPreviews(await findRun(folder, l10n.t), steps);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
