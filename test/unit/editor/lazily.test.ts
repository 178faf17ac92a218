import { describe, expect, it, vi } from 'vitest';
import { lazily } from '../../../src/editor/lazily.ts';

describe('what is made lazily', () => {
  it('is made when it is first asked for, once, also for those who ask meanwhile', async () => {
    const make = vi.fn(() => Promise.resolve({}));
    const one = lazily(make);
    expect(make).not.toHaveBeenCalled();
    const [first, second] = await Promise.all([one(), one()]);
    expect(second).toBe(first);
    expect(await one()).toBe(first);
    expect(make).toHaveBeenCalledOnce();
  });

  it('is made anew after a failure, which all hear of who have asked', async () => {
    const make = vi.fn(() => Promise.resolve({})).mockRejectedValueOnce(new Error('disk'));
    const one = lazily(make);
    expect(await Promise.allSettled([one(), one()])).toMatchObject([{ reason: { message: 'disk' } }, { reason: { message: 'disk' } }]);
    expect(await one()).toEqual({});
    expect(make).toHaveBeenCalledTimes(2);
  });

  it('is disposed once, whether it was finished before the end or after it', async () => {
    for (const wait of [true, false]) {
      const dispose = vi.fn();
      const one = lazily(() => Promise.resolve({ dispose }));
      const made = one();
      if (wait) await made;
      one.dispose();
      one.dispose();
      await made;
      expect(dispose).toHaveBeenCalledOnce();
    }
  });

  it('is not made after the end', async () => {
    const make = vi.fn(() => Promise.resolve({}));
    const one = lazily(make);
    one.dispose();
    await expect(one()).rejects.toThrow('after its end');
    expect(make).not.toHaveBeenCalled();
  });
});
