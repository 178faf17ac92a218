import { basename, dirname, join } from 'node:path';
import { Disposable, l10n, Position, Range, Uri, window, type LogOutputChannel } from 'vscode';
import type { Job, JobFault } from '../../engine/job.ts';
import type { Contribution } from '../services.ts';

/** A job that failed says so once, besides its lens and its panel; everything about it goes to the log. */
export const reportFailures: Contribution = ({ queue, log }) => {
  const told = new WeakSet<Job>();
  return Disposable.from(queue.onDidChange((job) => {
    if (job.state.kind !== 'failed' || told.has(job)) return;
    told.add(job);
    void showFault(basename(job.file), job.state.fault, log);
  }), queue.onDidWarn((what) => {
    const showLog = l10n.t('Show log');
    void window.showWarningMessage(`DMI Lens: ${what}`, showLog).then((choice) => { if (choice === showLog) log.show(); });
  }));
};

/** One message that says what happened and the next step; the log holds the place, too. */
export async function showFault(subject: string, { message, remedy, file, place }: JobFault, log: LogOutputChannel): Promise<void> {
  log.error(`${subject}: ${[file, place, message].filter((part) => part !== undefined).join(': ')}\n  ${remedy}`);
  const showLog = l10n.t('Show log');
  const showPlace = l10n.t('Show place');
  const position = file?.endsWith('.dmi.json') === true ? positionOf(place) : undefined;
  const where = file === undefined || basename(file) === subject ? [place] : [join(basename(dirname(file)), basename(file)), place];
  const shown = where.filter((part) => part !== undefined).join(', ');
  const what = l10n.t('{0}: {1}. {2}', subject, `${message.replace(/[.。]$/, '')}${shown === '' ? '' : ` (${shown})`}`, remedy);
  const choice = await window.showErrorMessage(what.trimEnd(), ...(position === undefined ? [] : [showPlace]), showLog);
  if (choice === showLog) log.show();
  if (choice === showPlace && file !== undefined && position !== undefined) {
    await window.showTextDocument(Uri.file(file), { selection: new Range(position, position) });
  }
}

/** `12:5 $.sample` as a position; undefined for other places. */
function positionOf(place: string | undefined): Position | undefined {
  const found = /^(?<line>\d+):(?<column>\d+)/.exec(place ?? '')?.groups;
  return found && new Position(Number(found.line) - 1, Number(found.column) - 1);
}
