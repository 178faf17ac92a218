import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { GenerateOptions } from '../../webview/compare/generate.ts';
import type { FromCompare } from '../../webview/compareProtocol.ts';
import { openPanelHarness, themes } from '../support/panelHarness.ts';
import type { PanelHarness } from '../support/panelHarness.ts';
import { takePicture } from './takePicture.ts';

/** The compare panel in a real browser, with an invented experiment and a host that answers from it. */

let harness: PanelHarness;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => { harness = await openPanelHarness('.', 'compare'); });
afterAll(async () => { await harness.close(); });
afterEach(async () => {
  await page.context().close();
  expect(complaints.splice(0)).toEqual([]); // neither an error nor anything that the content security policy forbids
});

async function show(options: GenerateOptions = {}, pageOptions: Parameters<PanelHarness['page']>[0] = {}): Promise<void> {
  page = await harness.page(pageOptions);
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
  await page.evaluate(`harness.show(${JSON.stringify(options)})`);
}

const sent = (): Promise<FromCompare[]> => page.evaluate<FromCompare[]>('[...harness.sent]');
const slider = () => page.locator('.film');
const ready = () => page.locator('[role="option"]').first().waitFor();

describe('for everybody', () => {
  const states: Readonly<Record<string, GenerateOptions>> = {
    done: { from: 6 }, 'a run failed': { failed: [0] },
    empty: { overrides: { outcome: null, title: 'house-to-the-right', state: { kind: 'empty' } } },
    running: { live: 12 }, 'running a control': { live: 30, control: 9 },
    'running for the first time': { live: 12, overrides: { outcome: null } },
    failed: { overrides: { outcome: null, state: { kind: 'failed', message: 'the engine ran out of memory', remedy: 'Run fewer seeds, then run again.', place: 'house.dmi.json' } } },
  };
  const looks = (Object.keys(themes) as (keyof typeof themes)[]).flatMap((theme) => Object.keys(states).map((state) => ({ state, theme })));
  it.each(looks)('axe finds nothing serious: $state, $theme', async ({ state, theme }) => {
    const options = states[state];
    await show(options, { theme, width: state === 'a run failed' ? 560 : 1200 });
    if (options.live !== undefined) await page.getByText('seed 1 (2 of 4)').waitFor();
    else if (options.overrides?.outcome === null) await page.locator('.note').waitFor();
    else await ready();
    await takePicture(page, `compare-${state.replaceAll(' ', '-')}-${theme}`);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => `${id} ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  });

  it('never scrolls sideways, and strips, axis and rows share their columns', async () => {
    for (const width of [480, 820, 1120, 1400]) {
      await show({}, { width });
      await ready();
      expect(await page.evaluate('document.documentElement.scrollWidth'), `at ${width}`).toBeLessThanOrEqual(width);
      const lefts = await page.evaluate<number[][]>('[".axis", ".film canvas", ".row .strip canvas", ".overlay"].map((name) => { const { left, width } = document.querySelector(name).getBoundingClientRect(); return [Math.round(left), Math.round(width)]; })');
      for (const place of lefts) expect(place, `at ${width}`).toEqual(lefts[0]);
      await page.context().close();
    }
  });

  it('speaks Japanese', async () => {
    await show({ overrides: { language: 'ja' } });
    await ready();
    expect(await page.getByRole('heading', { name: '測定' }).count()).toBe(1);
    await takePicture(page, 'compare-japanese');
  });

  it('shows words of others as they are', async () => {
    const evil = '<img src=x onerror="document.title=1">';
    await show({ overrides: { title: evil } });
    await page.getByRole('heading', { name: evil }).waitFor();
    expect(await page.locator('img').count()).toBe(0);
  });
});

describe('an experiment', () => {
  it('says where both runs part, what changed most, and what holds', async () => {
    await show({ from: 6 });
    await page.getByText('They part at step 6 of 30.').waitFor();
    await ready();
    expect(await page.locator('[role="option"]').first().getAttribute('aria-label')).toMatch(/red house at mid_block.attentions.0: \+[\d.]+ % of the picture at step \d+ of 30.*, edited/);
    await page.getByText('1 of 2 expectations hold').waitFor();
    expect(await page.getByLabel(/^random concept 0\.48 \(0\.41 to 0\.55, n 12\)$/).count()).toBe(1);
  });

  it('shows another seed, and what a control did', async () => {
    await show({ failed: [1] });
    await ready();
    await page.getByRole('combobox', { name: 'Seed' }).selectOption('2');
    await ready();
    await page.getByRole('combobox', { name: 'Beside the unedited run' }).selectOption('identity 0');
    await page.getByText('Both runs are the same in every pixel.').waitFor();
    await page.getByText('No concept changed.').waitFor();
    expect((await sent()).filter(({ type }) => type === 'pair')).toEqual([
      { type: 'pair', seed: 0, subject: { role: 'edited' } }, { type: 'pair', seed: 2, subject: { role: 'edited' } }, { type: 'pair', seed: 2, subject: { role: 'identity', draw: 0 } },
    ]);
    await page.getByRole('combobox', { name: 'Beside the unedited run' }).selectOption('edited');
    await page.getByRole('combobox', { name: 'Seed' }).selectOption('1');
    await page.getByText('These two runs cannot be compared: the U-Net answered NaN at step 7').waitFor();
    await page.getByText('edit, seed 1: the U-Net answered NaN at step 7').waitFor();
  });

  it('fills step by step while it runs, with the last result one click away, and can be cancelled', async () => {
    await show({ live: 3 });
    const at = () => slider().getAttribute('aria-valuenow');
    await expect.poll(at).toBe('2'); // the last step that both runs have
    await page.getByText('seed 1 · edit · 153 of 620 steps done · 34 s left').waitFor();
    expect(await page.getByRole('status').innerText()).toBe('Running.'); // and not every step
    await page.getByText('Of the last result: this run replaces them when it has ended.').waitFor();
    for (const column of [3, 4]) {
      await page.evaluate(`harness.step({ live: 3 }, ${column})`);
      await expect.poll(at).toBe(String(column));
    }
    await page.getByRole('radio', { name: 'last result' }).check({ force: true });
    await ready();
    await expect.poll(at).toBe('29');
    await page.getByRole('radio', { name: 'this run' }).check({ force: true });
    await expect.poll(at).toBe('4');
    await page.getByRole('button', { name: 'Cancel' }).click();
    expect((await sent()).at(-1)).toEqual({ type: 'cancel' });
    await page.evaluate("harness.send({ type: 'live', live: null })");
    await ready();
    expect(await page.getByRole('radio').count()).toBe(0);
  });

  it('shows the control in the making below the edit', async () => {
    await show({ live: 30, control: 9 });
    await page.locator('.film-names').getByText('random concept, draw 2').waitFor();
    expect(await page.locator('.film canvas').count()).toBe(4);
    await expect.poll(() => slider().getAttribute('aria-valuenow')).toBe('29'); // the edited run is done
    await page.getByRole('radio', { name: 'last result' }).check({ force: true });
    await ready();
    expect(await page.locator('.film canvas').count()).toBe(3);
  });

  it('is worked by keys alone', async () => {
    await show();
    await ready();
    await slider().focus();
    for (const [key, step] of [['Home', '0'], ['ArrowRight', '1'], ['PageUp', '6'], ['End', '29']]) {
      await page.keyboard.press(key);
      await expect.poll(() => slider().getAttribute('aria-valuenow')).toBe(step);
    }
    await page.locator('.rows').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.locator('.row.chosen').getAttribute('id')).toBe(await page.locator('[role="option"]').nth(1).getAttribute('id'));
    await page.keyboard.press('Enter');
    await expect.poll(() => slider().getAttribute('aria-valuenow')).not.toBe('29');
    await page.getByRole('slider', { name: 'Left unedited, right edited' }).press('End');
    await expect.poll(() => page.getByRole('slider', { name: 'Left unedited, right edited' }).inputValue()).toBe('1');
  });

  it('is found again as it was after a reload', async () => {
    await show();
    await ready();
    await page.getByRole('combobox', { name: 'Seed' }).selectOption('3');
    await ready();
    await slider().press('Home');
    await expect.poll(() => page.evaluate('sessionStorage.getItem("state")')).toContain('"step":0');
    await page.reload();
    await page.evaluate('harness.show()');
    await expect.poll(() => slider().getAttribute('aria-valuenow')).toBe('0');
    expect(await page.getByRole('combobox', { name: 'Seed' }).inputValue()).toBe('3');
  });
});
