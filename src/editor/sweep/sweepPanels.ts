import { commands as vscodeCommands, l10n, type WebviewPanel } from 'vscode';
import { InputError } from '../../base/errors.ts';
import { readFileBytes } from '../../base/fileBytes.ts';
import type { SweepOutcome } from '../../study/outcome.ts';
import type { SweepData, ToSweep } from '../../../webview/sweepProtocol.ts';
import { displayLanguage } from '../displayLanguage.ts';
import { commands, views } from '../ids.ts';
import { findOutcome } from '../panels/findOutcome.ts';
import { isStale } from '../panels/isStale.ts';
import { outcomePanel, outcomeTitle, type OutcomeFrame } from '../panels/outcomePanel.ts';
import { formatOutcomeSource, runFolder, type OutcomeSource } from '../panels/outcomeSource.ts';
import { panelPage } from '../panels/panelPage.ts';
import { panelSet, type PanelSet } from '../panels/panelSet.ts';
import { readSweep } from '../panels/readOutcome.ts';
import { findPicture } from '../runs/runPicture.ts';
import type { Services } from '../services.ts';
import { HeldRuns } from '../timeline/heldRuns.ts';
import { readFromSweep } from './fromSweepSchema.ts';
import { referenceOf, sweepContent } from './sweepData.ts';

/** Pictures that one panel is sent take no more than this. */
const mostPictureBytes = 256 * 2 ** 20;

/** Sweep panels: every variant of an experiment as a picture, with its effect and its harm. */
export function createSweepPanels(services: Services): { open(target: unknown): Promise<void> } & Pick<PanelSet, 'restore' | 'dispose'> {
  const panels = panelSet(views.sweep, (panel, source) => { fill(panel, source, services); });
  return { open: (target) => panels.open(() => findOutcome('sweeps', target)), restore: (panel, state) => { panels.restore(panel, state); }, dispose: () => { panels.dispose(); } };
}

function fill(panel: WebviewPanel, source: OutcomeSource, services: Services): void {
  const held = new HeldRuns(services.report);
  const send = (message: ToSweep): Thenable<boolean> => panel.webview.postMessage(message);
  const data = (sweep: SweepOutcome | undefined, frame: OutcomeFrame): SweepData => ({ ...frame, title: sweep?.name ?? outcomeTitle(source), of: sweep?.of ?? '', sweep: sweep === undefined ? null : sweepContent(sweep), language: displayLanguage() });
  const life = outcomePanel<SweepOutcome>(panel, services, {
    source, read: () => readSweep(source, l10n.t), secondsOf: ({ cost }) => cost.seconds, isStale: (spec, sweep) => isStale(spec, source, sweep),
    show: async (sweep, frame) => { await send({ type: 'data', data: data(sweep, frame) }); },
    reframe: ({ state, stale }) => { send({ type: 'state', state, stale }).then(undefined, services.report); },
  });

  /** Send the finished pictures of a seed, one by one: the unedited one first. */
  async function sendPictures(seed: number): Promise<void> {
    const { outcome } = life;
    if (outcome === undefined) return;
    const cells = [null, ...outcome.cells.keys()];
    const folders = cells.map((cell) => folderOf(source, referenceOf(outcome, seed, cell)));
    held.hold(folders.filter((folder) => folder !== undefined)); // what is looked at is not removed to make room
    let left = mostPictureBytes;
    for (const [index, cell] of cells.entries()) {
      if (outcome !== life.outcome) return; // the sweep has been read anew
      const image = left <= 0 ? null : await pictureIn(folders[index]);
      left -= image?.length ?? 0;
      await send({ type: 'picture', seed, cell, image });
    }
  }

  const page = panelPage(panel, services, {
    bundle: 'sweep', source: formatOutcomeSource(source), read: readFromSweep,
    async answer(message) {
      switch (message.type) {
        case 'pictures': await sendPictures(message.seed); break;
        case 'compare': await vscodeCommands.executeCommand(commands.openExperiment, { ...source, cell: message.cell }); break;
        default: await life.answer(message);
      }
      return true;
    },
  });
  panel.onDidDispose(() => {
    page.dispose();
    life.dispose();
    held.dispose();
  });
}

function folderOf(source: OutcomeSource, reference: string | null): string | undefined {
  return reference === null ? undefined : runFolder(source, reference);
}

/** A run's finished picture; null where it is missing or cannot be shown. */
async function pictureIn(folder: string | undefined): Promise<Uint8Array | null> {
  const picture = folder === undefined ? undefined : await findPicture(folder);
  if (picture === undefined) return null;
  try {
    return await readFileBytes(picture.path, picture.bytes);
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}
