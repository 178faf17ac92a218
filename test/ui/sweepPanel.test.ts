import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { GenerateOptions } from '../../webview/sweep/generate.ts';
import type { FromSweep } from '../../webview/sweepProtocol.ts';
import { openPanelHarness, themes } from '../support/panelHarness.ts';
import type { PanelHarness } from '../support/panelHarness.ts';
import { takePicture } from './takePicture.ts';

/** The sweep panel in a real browser, with an invented sweep and a host that answers from it. */

let harness: PanelHarness;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => { harness = await openPanelHarness('.', 'sweep'); });
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

const sent = (): Promise<FromSweep[]> => page.evaluate<FromSweep[]>('[...harness.sent]');
const effects = () => page.getByRole('grid').first();
const chosen = () => effects().locator('[aria-selected="true"]');

describe('for everybody', () => {
  const states: Readonly<Record<string, GenerateOptions>> = {
    done: {}, 'three axes': { regions: ['right', 'left'] },
    empty: { overrides: { sweep: null, state: { kind: 'empty' } } },
    running: { overrides: { state: { kind: 'running', seed: 1, step: 3, done: 900, total: 2920, secondsLeft: 400 } } },
  };
  it.each(Object.keys(themes) as (keyof typeof themes)[])('axe finds nothing serious in %s', async (theme) => {
    for (const [state, options] of Object.entries(states)) {
      await show(options, { theme, width: state === 'three axes' ? 560 : 1280 });
      if (state === 'empty') await page.locator('.note').waitFor();
      else await effects().waitFor();
      await page.waitForFunction('harness.sent.length > 0');
      await page.evaluate('new Promise((done) => setTimeout(done, 300))'); // pictures come one by one
      await takePicture(page, `sweep-${state.replaceAll(' ', '-')}-${theme}`);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(serious.map(({ id, nodes }) => `${state}: ${id} ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
      await page.context().close();
    }
  });

  it('never scrolls sideways', async () => {
    for (const width of [480, 820, 1400]) {
      await show({}, { width });
      await effects().waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth'), `at ${width}`).toBeLessThanOrEqual(width);
      await page.context().close();
    }
  });

  it('names its columns above them, also where they are more than there is room for', async () => {
    await show({ strengths: [0.5, 1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 20, 24, 32] }, { width: 900 });
    await effects().waitFor();
    const places = (selector: string) => page.evaluate<number[]>(`[...document.querySelectorAll('[role="grid"] ${selector}')].slice(0, 14).map((cell) => cell.getBoundingClientRect().left)`);
    expect(await places('.tile-head')).toEqual(await places('.tile'));
  });

  it('speaks Japanese', async () => {
    await show({ overrides: { language: 'ja' } });
    await page.getByRole('heading', { name: '効果と害' }).waitFor();
    await takePicture(page, 'sweep-japanese');
  });
});

describe('a sweep', () => {
  it('starts at the greatest effect, and is walked by keys; Enter leads to the comparison', async () => {
    await show();
    await expect.poll(() => chosen().getAttribute('aria-label')).toMatch(/^during early, add 16: effect 0\.47 \(0\.41 to 0\.53, n\s4\), harm/);
    await chosen().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => chosen().getAttribute('aria-label')).toMatch(/^during middle, add 8/);
    await page.getByRole('heading', { name: 'during middle, add 8' }).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.getAttribute("aria-selected")')).toBe('true');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Compare step by step' }).click();
    expect((await sent()).filter(({ type }) => type === 'compare')).toEqual([{ type: 'compare', cell: 6, seed: 0 }, { type: 'compare', cell: 6, seed: 0 }]);
  });

  it('takes other axes, measures and seeds', async () => {
    await show({ regions: ['right', 'left'] });
    await page.getByRole('combobox', { name: 'where' }).selectOption('1');
    await expect.poll(() => chosen().getAttribute('aria-label')).toMatch(/where left/);
    await page.getByRole('combobox', { name: 'Down' }).selectOption({ label: 'where' });
    await page.getByRole('combobox', { name: 'Across' }).selectOption({ label: 'during' });
    await expect.poll(() => effects().getByRole('rowheader').allInnerTexts()).toEqual(['right', 'left']);
    await page.getByRole('combobox', { name: 'Against' }).selectOption('outside.ssim');
    await page.getByRole('heading', { name: 'Harm: 1 − outside.ssim' }).waitFor();
    await page.getByRole('combobox', { name: 'Pictures of seed' }).selectOption('2');
    await expect.poll(sent).toContainEqual({ type: 'pictures', seed: 2 });
  });

  it('says of a run that failed that it did, where its picture would be', async () => {
    await show();
    await page.getByRole('combobox', { name: 'Pictures of seed' }).selectOption('3'); // it failed early, at 16
    await page.getByRole('img', { name: 'Picture of during early, add 16: 1 run failed' }).waitFor();
    await chosen().press('ArrowLeft');
    await page.getByRole('img', { name: 'Picture of during early, add 8', exact: true }).waitFor();
    expect(await page.locator('.nothing-yet').count()).toBe(0);
  });

  it('names what an effect is held against after its measure, and leaves it out where nothing measures it', async () => {
    await show({ measures: ['presence:house', 'inside.perceptual', 'perceptual', 'ood'] });
    await page.getByRole('heading', { name: 'Change of the whole picture: perceptual' }).waitFor();
    await page.getByRole('heading', { name: 'Effect against change' }).waitFor();
    expect(await page.getByRole('combobox', { name: 'Against' }).locator('option').allInnerTexts()).toEqual(['perceptual', 'ood']);
    await page.getByRole('combobox', { name: 'Against' }).selectOption('ood');
    await page.getByRole('columnheader', { name: 'effect per ood' }).waitFor();
    await page.context().close();
    await show({ measures: ['presence:house', 'inside.perceptual'] });
    await page.getByText('Nothing here measures what an effect costs').waitFor();
    expect(await page.getByRole('grid').count()).toBe(1);
    expect(await page.getByText(/harm/i).count()).toBe(0);
    await page.getByRole('combobox', { name: 'Effect' }).selectOption('inside.perceptual');
    await page.getByRole('heading', { name: 'Effect: inside.perceptual', exact: true }).waitFor(); // no gain: it is a comparison
  });

  it('names the front, and what each window achieves', async () => {
    await show();
    expect(await page.locator('.trades .plot').getAttribute('aria-label')).toMatch(/On the Pareto front: during early, add 2; during early, add 4/);
    const rows = await page.getByRole('row').filter({ has: page.locator('th[scope="row"]') }).allInnerTexts();
    expect(rows.map((row) => row.split('\t')[0])).toEqual(['early', 'middle', 'late']);
    expect(rows[0]).toContain('add 16');
  });

  it('is found again as it was after a reload', async () => {
    await show();
    await page.getByRole('combobox', { name: 'Effect' }).selectOption('iou:house');
    await chosen().press('ArrowUp');
    await chosen().press('ArrowDown');
    await expect.poll(() => page.evaluate('sessionStorage.getItem("state")')).toContain('"effect":"iou:house"');
    await page.reload();
    await page.evaluate('harness.show()');
    await page.getByRole('heading', { name: 'Effect: gain of iou:house against unedited' }).waitFor();
  });
});

describe('their size', () => {
  it('is one script of 200 kB at most', () => {
    expect(harness.scriptBytes).toBeLessThanOrEqual(200_000);
  });
});
