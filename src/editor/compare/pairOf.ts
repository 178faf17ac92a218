import { InputError } from '../../base/errors.ts';
import { say } from '../../base/phrase.ts';
import type { StoredRun } from '../../experiment/runStore.ts';
import type { ExperimentOutcome } from '../../study/outcome.ts';
import type { PairData, Subject } from '../../../webview/compareProtocol.ts';
import type { Translate } from '../translate.ts';
import { panelRun, panelSites, type PanelReader } from '../timeline/panelMessages.ts';
import { shownOfRuns } from '../timeline/shown.ts';

type RunReference = ExperimentOutcome['baseline'][number];

/** Where the runs of an outcome lie. */
export interface PairReader extends PanelReader {
  /** Folder of a run that an outcome names; undefined where it names none of ours. */
  folderOf(reference: string): string | undefined;
}

/** The runs that a seed has for a subject; undefined where the outcome has none. */
export function referencesOf({ seeds, baseline, edited, controls }: ExperimentOutcome, seed: number, subject: Subject): { readonly baseline: RunReference; readonly other: RunReference } | undefined {
  const at = seeds.indexOf(seed);
  const others = subject.role === 'edited' ? edited : controls.find(({ control, draw }) => control === subject.role && draw === subject.draw)?.runs;
  return at < 0 || others === undefined ? undefined : { baseline: baseline[at], other: others[at] };
}

/** The unedited run of a seed and another one, for the panel; where one cannot be read, the pair says why. */
export async function pairOf(outcome: ExperimentOutcome, seed: number, subject: Subject, reader: PairReader, t: Translate): Promise<PairData> {
  const nothing: PairData = { seed, subject, steps: [], t: [], sites: [], baseline: null, other: null, fault: '' };
  const references = referencesOf(outcome, seed, subject);
  if (references === undefined) return { ...nothing, fault: t('the outcome has no such run') };
  const failed = [references.baseline, references.other].find(({ folder }) => folder === null);
  try {
    const find = async ({ folder }: RunReference): Promise<StoredRun | null> => {
      if (folder === null) return null;
      const own = reader.folderOf(folder);
      if (own === undefined) throw new InputError(t('the outcome names a folder that is no run of this spec'), { file: folder, remedy: t('Run the experiment again.') });
      return reader.find(own);
    };
    const [baseline, other] = [await find(references.baseline), await find(references.other)];
    const runs = [baseline, other].filter((run) => run !== null);
    if (runs.length === 0) return { ...nothing, fault: failed?.fault ?? '' };
    const shown = shownOfRuns(runs, t);
    const contents = await Promise.all(runs.map((run) => reader.content(run)));
    const sites = await panelSites(shown, contents[0].trace.sites, reader);
    const panelRuns = shown.runs.map((run, index) => panelRun(run, contents[index], shown.steps, sites));
    const of = (run: StoredRun | null): PairData['baseline'] => (run === null ? null : panelRuns[runs.indexOf(run)]);
    return { ...nothing, steps: shown.steps, t: shown.t, sites, baseline: of(baseline), other: of(other), fault: failed === undefined ? '' : failed.fault ?? t('this run failed') };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { ...nothing, fault: `${say(error.phrases.message, t)}. ${say(error.phrases.remedy, t)}` };
  }
}
