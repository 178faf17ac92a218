import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FromPanel, PanelData, ToPanel } from '../../webview/protocol.ts';
import { generate } from '../../webview/timeline/generate.ts';
import type { GenerateOptions } from '../../webview/timeline/generate.ts';
import { openPanelHarness, themes } from '../support/panelHarness.ts';
import type { PanelHarness } from '../support/panelHarness.ts';
import { takePicture } from './takePicture.ts';

/** The timeline panel in a real browser, with invented data and a host made of two arrays. */

let harness: PanelHarness;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => { harness = await openPanelHarness('.'); });
afterAll(async () => { await harness.close(); });
afterEach(async () => {
  await page.context().close();
  expect(complaints.splice(0)).toEqual([]); // neither an error nor anything that the content security policy forbids
});

type PageOptions = Parameters<PanelHarness['page']>[0];

/** A panel that shows generated data. */
async function show(options: GenerateOptions = {}, pageOptions: PageOptions = {}): Promise<PanelData> {
  page = await harness.page(pageOptions);
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
  await page.evaluate(`harness.send({ type: 'data', data: harness.generate(${JSON.stringify(options)}) })`);
  return generate(options);
}

/** Send a message whose arrays are written as code. */
async function send(message: string): Promise<void> {
  await page.evaluate(`harness.send(${message})`);
}

const sent = (): Promise<FromPanel[]> => page.evaluate<FromPanel[]>('harness.sent');
const option = (name: string) => page.getByRole('option', { name }).first();
const slider = () => page.locator('.film');
/** Before a run is known. */
const nothing: GenerateOptions = { seeds: 0, steps: 0, sites: [] };
const failed: PanelData['state'] = { kind: 'failed', message: 'the engine ran out of memory', remedy: 'Trace fewer sites, then run again.', place: 'step 9' };
const running: PanelData['state'] = { kind: 'running', seed: 1, step: 11, done: 42, total: 90, secondsLeft: 12 };

describe('for everybody', () => {
  const states: Readonly<Record<string, GenerateOptions>> = {
    'three seeds': { seeds: 3 }, running: { seeds: 3, filled: [30, 12, 0], overrides: { state: running } }, failed: { filled: [9], overrides: { state: failed, stale: true } },
    empty: { ...nothing, overrides: { title: '', sampler: '', modelName: '', state: { kind: 'empty' } } },
    loading: { ...nothing, overrides: { title: '', sampler: '', modelName: '', state: { kind: 'loading' } } },
    cancelled: { seeds: 3, filled: [17, 0, 0], overrides: { state: { kind: 'cancelled' } } },
  };
  const looks = (Object.keys(themes) as (keyof typeof themes)[]).flatMap((theme) => Object.keys(states).map((state) => ({ state, theme })));
  it.each(looks)('axe finds nothing serious: $state, $theme', async ({ state, theme }) => {
    await show(states[state], { theme, width: state === 'failed' ? 480 : 1200 });
    if (state === 'three seeds') await page.getByText('brush', { exact: true }).click();
    await takePicture(page, `panel-${state.replaceAll(' ', '-')}-${theme}`);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    expect(serious.map(({ id, nodes }) => `${id} ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  });

  it('the page never scrolls sideways, at 480 pixels and up', async () => {
    for (const width of [480, 720, 1120, 1400]) {
      await show({ seeds: 3 }, { width });
      await option('sky').waitFor();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      // Rows, film and axis share their columns to the pixel.
      const lefts = await page.evaluate<number[][]>('[".axis", ".film canvas", ".row .strip canvas", ".overlay"].map((name) => { const { left, width } = document.querySelector(name).getBoundingClientRect(); return [left, width]; })');
      for (const place of lefts) expect(place, `at ${width}`).toEqual(lefts[0]);
      await takePicture(page, `panel-${width}-wide`);
      await page.context().close();
    }
  });

  it('speaks Japanese', async () => {
    await show({ overrides: { language: 'ja' } });
    await page.getByRole('button', { name: '再実行' }).waitFor();
    expect(await slider().getAttribute('aria-valuetext')).toBe('ステップ 29/30(t 0.03)');
    await takePicture(page, 'panel-japanese');
  });

  it('shows labels and messages of others as they are', async () => {
    const evil = '<img src=x onerror="document.title=1">';
    await show();
    const data = generate();
    await send(`{ type: 'data', data: ((data) => ({ ...data, title: ${JSON.stringify(evil)}, state: { kind: 'failed', message: ${JSON.stringify(evil)}, remedy: '', place: '' },
      sites: data.sites.map((site) => ({ ...site, labels: Object.fromEntries(Object.keys(site.labels).map((id) => [id, ${JSON.stringify(evil)}])) })) }))(harness.generate()) }`);
    await page.getByRole('heading', { name: evil }).waitFor();
    expect(await page.locator('img').count()).toBe(0);
    expect(data.title).not.toBe(evil);
  });
});

it('says how many of the runs are shown where they are too many', async () => {
  await show({ seeds: 2, overrides: { runsInAll: 40 } });
  await page.getByText('2 of 40 shown', { exact: true }).waitFor();
  await show({ seeds: 2 });
  await option('sky').waitFor();
  expect(await page.getByText('shown', { exact: false }).count()).toBe(0);
});

describe('the keyboard', () => {
  it('finds, moves, ticks and inserts', async () => {
    const data = await show({ seeds: 2 });
    await option('sky').waitFor();
    await page.locator('body').press('/');
    await page.keyboard.type('red house');
    await page.getByText('1 found').first().waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.evaluate('document.activeElement.getAttribute("role")')).toBe('listbox');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const chosen = page.locator('.row.chosen');
    await expect.poll(() => chosen.getAttribute('data-index')).toBe('1');
    const name = await chosen.getAttribute('aria-label');
    const id = Number(name?.split(' ')[0]);
    expect(await page.evaluate('document.activeElement.getAttribute("aria-activedescendant")')).toBe(await chosen.getAttribute('id'));
    const ticked = await chosen.getAttribute('aria-selected');
    await page.keyboard.press(' ');
    await expect.poll(() => chosen.getAttribute('aria-selected')).not.toBe(ticked);
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => slider().getAttribute('aria-valuetext')).toBe('step 28 of 30 (t 0.07)');
    await page.keyboard.press('Enter');
    const site = data.sites[1].site;
    await expect.poll(async () => (await sent()).filter(({ type }) => type !== 'ready')).toEqual(expect.arrayContaining([
      { type: 'select', site, concept: id, step: 28 },
      { type: 'insertEdit', edit: { site, concept: id, add: 4, during: 'all', where: 'everywhere' } },
    ]));
  });

  it('scrubs from end to end', async () => {
    await show();
    await slider().focus();
    for (const [key, step] of [['Home', '0'], ['ArrowRight', '1'], ['PageUp', '6'], ['ArrowDown', '5'], ['End', '29']]) {
      await page.keyboard.press(key);
      await expect.poll(() => slider().getAttribute('aria-valuenow')).toBe(step);
    }
  });

  it('draws a box, a polygon and a mask', async () => {
    await show();
    await page.getByText('box', { exact: true }).click();
    await page.getByRole('application').focus();
    for (const key of [' ', 'ArrowRight', 'ArrowRight', 'ArrowDown', ' ']) await page.keyboard.press(key);
    await page.getByRole('button', { name: 'Insert edit into spec' }).click();
    await page.getByText('polygon', { exact: true }).click();
    await page.getByRole('application').focus();
    for (const key of [' ', 'ArrowRight', ' ', 'ArrowDown', ' ', 'Enter']) await page.keyboard.press(key);
    await page.getByRole('button', { name: 'Insert edit into spec' }).click();
    await page.getByText('brush', { exact: true }).click();
    await page.getByRole('application').focus();
    for (const key of ['ArrowUp', ' ']) await page.keyboard.press(key);
    await page.getByRole('button', { name: 'Insert edit into spec' }).click();
    const regions = await page.evaluate<unknown[]>('harness.sent.filter(({ type }) => type === "insertEdit").map(({ edit: { where } }) => where.painted === undefined ? where : where.painted.data.filter((value) => value === 255).length)');
    expect(regions).toEqual([{ box: [0.5, 0.5, 0.625, 0.563] }, { polygon: [[0.5, 0.5], [0.563, 0.5], [0.563, 0.563]] }, expect.closeTo(Math.PI * (0.06 * 128) ** 2, -1.5)]);
  });
});

describe('the pointer', () => {
  it('draws a region, chooses steps on the axis, and the edit says so', async () => {
    await show();
    await option('sky').locator('.label').click();
    await page.getByText('box', { exact: true }).click();
    const picture = await page.locator('.picture').boundingBox() ?? { x: 0, y: 0, width: 0, height: 0 };
    await page.mouse.move(picture.x + picture.width * 0.75, picture.y + picture.height * 0.5);
    await page.mouse.down();
    await page.mouse.move(picture.x + picture.width * 0.25, picture.y + picture.height * 0.25, { steps: 4 });
    await page.mouse.up();
    const axis = await page.locator('.axis').boundingBox() ?? { x: 0, y: 0, width: 0, height: 0 };
    await page.mouse.move(axis.x + (axis.width * 5.5) / 30, axis.y + 28);
    await page.mouse.down();
    await page.mouse.move(axis.x + (axis.width * 11.5) / 30, axis.y + 28, { steps: 4 });
    await page.mouse.up();
    await page.getByLabel('Add').fill('-2.5');
    await page.getByRole('button', { name: 'Insert edit into spec' }).click();
    const edit = (await sent()).find((message) => message.type === 'insertEdit');
    expect(edit).toMatchObject({ edit: { add: -2.5, during: { steps: [5, 11] }, where: { box: [0.25, 0.25, 0.75, 0.5].map((edge) => expect.closeTo(edge, 1) as number) } } });
    expect(await page.getByLabel('first step').inputValue()).toBe('5');
  });

  it('ties row, map and step: a row tells what is under it, a press moves the cursor there', async () => {
    const data = await show({ seeds: 3 });
    const strip = await option('sky').locator('.strip').boundingBox() ?? { x: 0, y: 0, width: 0, height: 0 };
    await page.mouse.move(strip.x + (strip.width * 7.5) / 30, strip.y + 8);
    await page.locator('.tip', { hasText: 'step 7 of 30 (t 0.77)' }).waitFor();
    await expect.poll(() => page.locator('.tip').innerText()).toMatch(/\d+ sky\nstep 7 of 30 \(t 0.77\)\nstrength [\d.]+ % of the picture\n[\d.]+ % to [\d.]+ %, 95 % over 3 seeds/);
    await page.mouse.down();
    await page.mouse.up();
    await expect.poll(() => slider().getAttribute('aria-valuenow')).toBe('7');
    const id = Number(Object.entries(data.sites[1].labels).find(([, label]) => label === 'sky')?.[0]);
    await expect.poll(sent).toContainEqual({ type: 'select', site: data.sites[1].site, concept: id, step: 7 });
  });

  it('copies seeds and hashes, and asks for runs, comparisons and reports', async () => {
    const data = await show();
    await page.getByRole('button', { name: 'Copy seed 0' }).click();
    await page.getByRole('button', { name: /Copy the run's hash/ }).click();
    for (const name of ['Re-run', 'Compare', 'Report']) await page.getByRole('button', { name }).click();
    expect(await sent()).toEqual([
      { type: 'ready' }, { type: 'copy', text: '0' }, { type: 'copy', text: data.runs[0].folder?.split('/').at(-1) }, { type: 'run' }, { type: 'compare' }, { type: 'report' },
    ]);
  });
});

describe('what the host tells', () => {
  it('fills columns while a run goes on, and follows the newest', async () => {
    await show({ filled: [3], overrides: { state: { ...running, seed: 0, step: 2, done: 3, total: 30 } } });
    await expect.poll(() => slider().getAttribute('aria-valuenow')).toBe('2');
    for (const column of [3, 4]) {
      await send(`((whole) => ({ type: 'step', run: 0, column: ${column}, preview: whole.runs[0].previews[${column}], codes: whole.runs[0].codes.map(({ indices, values }) =>
        ({ indices: indices.slice(${column} * indices.length / 30, ${column + 1} * indices.length / 30), values: values.slice(${column} * values.length / 30, ${column + 1} * values.length / 30) })) }))(harness.generate())`);
    }
    await expect.poll(() => slider().getAttribute('aria-valuenow')).toBe('4');
    await slider().press('ArrowLeft');
    await send(`{ type: 'step', run: 0, column: 5, preview: null, codes: [] }`);
    await send(`{ type: 'state', state: ${JSON.stringify(failed)}, stale: false }`);
    await page.getByText('The run failed: the engine ran out of memory').waitFor();
    expect(await slider().getAttribute('aria-valuenow')).toBe('3'); // moved by hand: it stays
    await page.getByRole('button', { name: 'Re-run' }).click();
    expect((await sent()).at(-1)).toEqual({ type: 'run' });
  });

  it('is kept apart from what may be done: an untrusted folder runs nothing, a run without a spec takes no edit', async () => {
    await show({ overrides: { canRun: false, canInsert: false, specName: null } });
    await page.getByText('No spec is open for this run').waitFor();
    expect(await page.getByRole('button', { name: /Re-run|Report/ }).count()).toBe(0);
    await page.locator('vscode-button', { hasText: 'Insert edit' }).click({ force: true });
    await page.locator('.rows').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect((await sent()).filter(({ type }) => type === 'insertEdit')).toEqual([]);
    await send(`{ type: 'data', data: harness.generate({ overrides: { canRun: false } }) }`);
    await page.getByRole('button', { name: 'Re-run' }).click({ force: true });
    expect((await sent()).filter(({ type }) => type === 'run')).toEqual([]);
  });

  it('reveals what the spec\'s cursor stands on, in a site that was closed', async () => {
    const data = await show();
    const { site, labels } = data.sites[2];
    const id = Number(Object.entries(labels).find(([, label]) => label === 'striped')?.[0]);
    const message: ToPanel = { type: 'reveal', site, concepts: [id], columns: [18, 24] };
    await send(JSON.stringify(message));
    await page.locator('.row.revealed', { hasText: 'striped' }).waitFor();
    const [row, list] = await Promise.all([page.locator('.row.revealed').boundingBox(), page.locator('.list').boundingBox()]);
    expect(row?.y).toBeGreaterThanOrEqual(list?.y ?? Infinity);
    expect((row?.y ?? Infinity) + 32).toBeLessThanOrEqual((list?.y ?? 0) + (list?.height ?? 0));
    await page.locator('.spoken-of').waitFor({ state: 'attached' });
    await page.locator('.film').press('Escape');
    await page.locator('.row.revealed').waitFor({ state: 'detached' });
  });

  it('finds its view again after a reload', async () => {
    await show({ seeds: 3 });
    await page.getByRole('combobox', { name: 'Seed or run' }).selectOption('seed 1');
    await page.getByRole('combobox', { name: 'Sort by' }).selectOption('label');
    await slider().focus();
    await page.keyboard.press('Home');
    await page.getByText('early', { exact: true }).last().click();
    await expect.poll(() => page.evaluate('sessionStorage.getItem("state")')).toContain('"during":"early"');
    await page.reload();
    await page.evaluate('harness.send({ type: "data", data: harness.generate({ seeds: 3 }) })');
    await expect.poll(() => slider().getAttribute('aria-valuenow')).toBe('0');
    expect(await page.getByRole('combobox', { name: 'Seed or run' }).inputValue()).toBe('seed 1');
    expect(await page.getByRole('combobox', { name: 'Sort by' }).inputValue()).toBe('label');
    expect(await page.locator('.picture').count()).toBe(1);
    expect(await page.getByRole('radio', { name: 'early' }).isChecked()).toBe(true);
  });
});

describe('its size', () => {
  it('is one script of 200 kB at most', () => {
    expect(harness.scriptBytes).toBeLessThanOrEqual(200_000);
  });
});
