import { ProgressLocation, window, type CancellationToken } from 'vscode';
import { throttle } from '../throttle.ts';

/** More often nobody reads a number. */
const leastBetweenMs = 250;

/** Do something that people wait for, and may cancel. @param report told what to say and the percents that are done, as often as one likes; the last of each moment is shown */
export async function withProgress<T>(title: string, work: (signal: AbortSignal, report: (percent: number, message: () => string) => void) => Promise<T>): Promise<T> {
  return await window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, async (progress, cancel) => {
    let latest = { percent: 0, message: (): string => '' };
    let shown = 0;
    const show = throttle(leastBetweenMs, () => {
      progress.report({ increment: latest.percent - shown, message: latest.message() });
      shown = latest.percent;
    });
    const { signal, dispose } = signalOf(cancel);
    try {
      return await work(signal, (percent, message) => {
        latest = { percent, message };
        show.call();
      });
    } finally {
      show.dispose();
      dispose();
    }
  });
}

function signalOf(cancel: CancellationToken): { signal: AbortSignal; dispose: () => void } {
  const controller = new AbortController();
  if (cancel.isCancellationRequested) controller.abort();
  const subscription = cancel.onCancellationRequested(() => { controller.abort(); });
  return { signal: controller.signal, dispose: () => { subscription.dispose(); } };
}
