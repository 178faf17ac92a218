import { basename, join } from 'node:path';
import { l10n, ProgressLocation, window, type QuickPickItem } from 'vscode';
import { writeFileAtomic } from '../../base/atomicFile.ts';
import { CancelledError } from '../../base/errors.ts';
import type { JobQueue } from '../../engine/job.ts';
import { JobFaultError } from '../../engine/jobFaultError.ts';
import type { IdentifyParams, TrainedOn } from '../../engine/protocol.ts';
import { sidecarName, UnknownTraining } from '../../sae/sidecar.ts';
import { mayRun } from '../jobs/mayRun.ts';
import { showFault } from '../jobs/reportFailures.ts';
import type { Services } from '../services.ts';
import { findSpec } from '../targetSpec.ts';

/** Find out what each SAE of a spec without a sidecar was trained on, ask, and write the answer beside it. */
export async function identifySaes(uri: unknown, queue: JobQueue, { specs, log }: Services): Promise<void> {
  if (!await mayRun()) return;
  const document = await findSpec(uri);
  const facts = document && await specs.factsOf(document);
  for (const { folder } of facts?.faults.filter((fault) => fault instanceof UnknownTraining) ?? []) {
    try {
      const candidates = await find({ folder, model: facts?.modelFolder ?? '' }, queue);
      const choice = await window.showQuickPick(candidates.map(itemOf), { title: l10n.t('What was {0} trained on?', basename(folder)), placeHolder: l10n.t('The less is lost in rebuilding it, the likelier'), ignoreFocusOut: true });
      if (choice === undefined) return;
      await writeFileAtomic(join(folder, sidecarName), choice.candidate.sidecar);
      specs.readFactsAgain();
    } catch (error) {
      if (error instanceof CancelledError) return;
      if (!(error instanceof JobFaultError)) throw error;
      await showFault(basename(folder), error.fault, log);
      return;
    }
  }
}

async function find(params: IdentifyParams, queue: JobQueue): Promise<readonly TrainedOn[]> {
  const title = l10n.t('Finding out what {0} was trained on', basename(params.folder));
  return window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, async (_, token) => {
    const stop = new AbortController();
    const subscription = token.onCancellationRequested(() => { stop.abort(new CancelledError()); });
    try {
      return await queue.identifySae(params, stop.signal);
    } finally {
      subscription.dispose();
    }
  });
}

/** What is lost is told in words where it says that the SAE belongs elsewhere. */
function itemOf(candidate: TrainedOn): QuickPickItem & { readonly candidate: TrainedOn } {
  const { site, activation, branch, fvu, plausible } = candidate;
  const of = { update: l10n.t('update of {0}', site), output: l10n.t('output of {0}', site), input: l10n.t('input of {0}', site) }[activation];
  const lost = Number.isFinite(fvu) ? l10n.t('{0} % lost', (100 * fvu).toFixed(1)) : l10n.t('cannot be rebuilt');
  const half = { both: l10n.t('both branches'), cond: l10n.t('the branch with the prompt'), uncond: l10n.t('the branch without a prompt') }[branch];
  return { label: of, description: `${lost}, ${half}`, ...(!plausible && { detail: l10n.t('Hardly rebuilt: the SAE was probably not trained on this') }), candidate };
}
