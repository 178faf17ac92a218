import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { throttle } from '../../../src/editor/throttle.ts';

describe('throttle', () => {
  beforeEach(() => { vi.useFakeTimers(); });
  afterEach(() => { vi.useRealTimers(); });

  it('passes the first call on at once and the last one of an interval at its end', () => {
    const times: number[] = [];
    const start = Date.now();
    const updates = throttle(250, () => times.push(Date.now() - start));
    for (let call = 0; call < 100; call++) {
      updates.call();
      vi.advanceTimersByTime(10);
    }
    vi.advanceTimersByTime(1000);
    expect(times).toEqual([0, 250, 500, 750, 1000]);
  });

  it('is quiet afterwards, and quick again', () => {
    const action = vi.fn();
    const updates = throttle(250, action);
    updates.call();
    vi.advanceTimersByTime(10_000);
    expect(action).toHaveBeenCalledTimes(1);
    updates.call();
    expect(action).toHaveBeenCalledTimes(2);
  });

  it('drops what is pending when it is disposed', () => {
    const action = vi.fn();
    const updates = throttle(250, action);
    updates.call();
    updates.call();
    updates.dispose();
    vi.advanceTimersByTime(1000);
    expect(action).toHaveBeenCalledTimes(1);
  });
});
