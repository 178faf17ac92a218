import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pace } from '../../../src/editor/lenses/pace.ts';

/** An editor that asks `delayMs` after the last time it was told of news. @returns when it asked */
function editorThatWaits(delayMs: number): { asked: number[]; told: number[]; call: () => void } {
  const start = Date.now();
  const [asked, told]: number[][] = [[], []];
  let timer: NodeJS.Timeout | undefined;
  const news = pace(250, () => {
    told.push(Date.now() - start);
    clearTimeout(timer);
    timer = setTimeout(() => {
      asked.push(Date.now() - start);
      news.answered();
    }, delayMs);
  });
  return { asked, told, call: () => { news.call(); } };
}

describe('pace', () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it.each([10, 250, 251, 900])('reaches an editor that waits %d ms before it asks, however fast the news', (delay) => {
    const editor = editorThatWaits(delay);
    for (let time = 0; time < 5000; time += 20) {
      editor.call();
      vi.advanceTimersByTime(20);
    }
    expect(editor.asked.length).toBeGreaterThanOrEqual(Math.floor(5000 / (delay + 270)));
    expect(editor.told.length).toBeLessThanOrEqual(20); // four a second
  });

  it('does not lose the last news', () => {
    const editor = editorThatWaits(100);
    editor.call();
    vi.advanceTimersByTime(50);
    editor.call();
    vi.advanceTimersByTime(5000);
    expect(editor.told).toEqual([0, 350]);
    expect(editor.asked).toEqual([100, 450]);
  });

  it('waits for as long as nobody asks', () => {
    const tell = vi.fn();
    const news = pace(250, tell);
    news.call();
    news.call();
    vi.advanceTimersByTime(60_000);
    expect(tell).toHaveBeenCalledTimes(1);
    news.answered();
    vi.advanceTimersByTime(250);
    expect(tell).toHaveBeenCalledTimes(2);
  });
});
