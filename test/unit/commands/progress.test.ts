import { expect, it } from 'vitest';
import { createProgress, formatSeconds } from '../../../src/commands/progress.ts';
import { recordTerminal } from '../../support/terminal.ts';

it('redraws one line in place with the time left, at most ten times a second', () => {
  const terminal = recordTerminal({ interactive: true });
  let time = 0;
  const progress = createProgress(terminal, () => time);
  for (let step = 1; step <= 30; step++) {
    time += 50;
    progress.update('step', step, 30);
  }
  progress.end();
  progress.end();
  const lines = terminal.stderr.split('\r');
  expect(lines.length).toBeLessThanOrEqual(18);
  expect(lines[1]).toBe('step 1/30\x1b[K');
  expect(lines.at(-2)).toBe('step 30/30 · 0 s left\x1b[K');
  expect(lines.at(-1)).toBe('\x1b[K');
  expect(terminal.stderr).not.toContain('\n');
});

it('never wraps', () => {
  const terminal = recordTerminal({ interactive: true, columns: 12 });
  createProgress(terminal).update('a long label before the step', 1, 2);
  expect(terminal.stderr).toBe('\ra long labe\x1b[K');
});

it('writes a line every ten seconds where nothing can be redrawn', () => {
  const terminal = recordTerminal();
  let time = 0;
  const progress = createProgress(terminal, () => time);
  for (let step = 1; step <= 30; step++) {
    time += 1000;
    progress.update('step', step, 60);
  }
  progress.end();
  expect(terminal.stderr).toBe('step 10/60 · 50 s left\nstep 20/60 · 40 s left\nstep 30/60 · 30 s left\n');
});

it('leaves the time before the first step out of its estimate', () => {
  const terminal = recordTerminal({ interactive: true });
  let time = 0;
  const progress = createProgress(terminal, () => time);
  for (const [done, at] of [[1, 60_000], [2, 61_000]]) {
    time = at;
    progress.update('step', done, 12);
  }
  expect(terminal.stderr.split('\r').at(-1)).toBe('step 2/12 · 10 s left\x1b[K');
});

it('measures every part of a job by itself', () => {
  const terminal = recordTerminal({ interactive: true });
  let time = 0;
  const progress = createProgress(terminal, () => time);
  for (const [label, done, at] of [['fast', 5, 1000], ['fast', 10, 2000], ['slow', 1, 12_000]] as const) {
    time = at;
    progress.update(label, done, 10);
  }
  expect(terminal.stderr.split('\r').at(-1)).toBe('slow 1/10 · 1 min 30 s left\x1b[K');
});

it('says durations as people do', () => {
  expect([0.4, 59.6, 185, 7800].map(formatSeconds)).toEqual(['0 s', '1 min 00 s', '3 min 05 s', '2 h 10 min']);
});

it('says what is under way before there is anything to count, and times the first unit from where counting began', () => {
  const terminal = recordTerminal({ interactive: true });
  let time = 0;
  const progress = createProgress(terminal, () => time);
  progress.note('loading the networks');
  for (const [done, at] of [[0, 5000], [1, 15_000]]) {
    time = at;
    progress.update('step', done, 50);
  }
  expect(terminal.stderr.split('\r').slice(1)).toEqual(['loading the networks\x1b[K', 'step 0/50\x1b[K', 'step 1/50 · 8 min 10 s left\x1b[K']);
  const log = recordTerminal();
  createProgress(log).note('loading the networks');
  expect(log.stderr, 'a log holds no line for it').toBe('');
});
