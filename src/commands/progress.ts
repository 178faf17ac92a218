import type { Terminal } from './command.ts';

/** Where a long job stands. */
export interface Progress {
  /**
   * Show that `done` of `total` units are complete. Where `done` falls back, the next part of the job has begun, and so does its clock.
   * @param label what one unit is, e.g. `step`, optionally with more words before it: `seed 1 (2 of 3), step`.
   * @param part of the job that these units belong to, where parts take turns: each has a clock of its own.
   */
  update(label: string, done: number, total: number, part?: string): void;
  /** Say on a terminal what is under way where there is nothing to count yet. */
  note(text: string): void;
  /** Remove the line, so that results start on a clean one. Safe to call twice. */
  end(): void;
}

const redrawMs = 100;
const sparseMs = 10_000;

/**
 * A progress line with the time left. On a terminal it is redrawn in place, at most ten times a second; elsewhere a line is
 * written every ten seconds.
 * @param now a clock in milliseconds.
 */
export function createProgress(terminal: Terminal, now: () => number = () => performance.now()): Progress {
  const width = (terminal.columns ?? 80) - 1;
  const began = { done: 0, time: now() };
  const clocks = new Map<string, { start: typeof began; last: typeof began }>();
  let shownAt = terminal.interactive ? -Infinity : began.time;
  let shown = '';
  // One write that overwrites and then clears the rest: nothing is ever blank, so nothing flickers.
  const redraw = (line: string): void => {
    if (line !== shown) terminal.err(`\r${line.slice(0, width)}\x1b[K`);
    shown = line;
  };

  return {
    update(label, done, total, part = '') {
      const time = now();
      // What came before the first unit, such as loading a model, says nothing about the pace of the others.
      const { start: before, last: earlier } = clocks.get(part) ?? { start: { done, time }, last: began };
      const start = done < earlier.done ? { done: 0, time: earlier.time } : before;
      const last = { done, time };
      clocks.set(part, { start, last });
      if (time - shownAt < (terminal.interactive ? redrawMs : sparseMs) && !(terminal.interactive && done >= total)) return;
      const line = [`${label} ${done}/${total}`, ...(done > start.done ? [`${formatSeconds(secondsLeft(start, last, total))} left`] : [])].join(' · ');
      shownAt = time;
      if (!terminal.interactive) {
        terminal.err(`${line}\n`);
      } else {
        redraw(line);
      }
    },
    note(text) {
      if (terminal.interactive) redraw(text);
    },
    end() {
      if (shown !== '') terminal.err('\r\x1b[K');
      shown = '';
    },
  };
}

function secondsLeft(start: { done: number; time: number }, { done, time }: typeof start, total: number): number {
  return ((time - start.time) / (done - start.done)) * (total - done) / 1000;
}

/** A duration as people say it: `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
