import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { packageExtension, thisPlatform } from '../../tools/packageExtension.ts';
import { eventually } from '../editor/support/eventually.ts';
import { seriousFaults } from './seriousFaults.ts';
import { picturesWanted, takePicture } from './takePicture.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

/** What a new user does with the packaged extension, from an empty folder to the run that is found again after a reload. Each step goes on where the one before has ended. */
describe('a new user', () => {
  const prompt = 'a red house left and a blue tree right, meadow';
  const site = 'up_blocks.0.attentions.1'; // where most concepts have a name
  // The keyboard types what it is told, and nothing is closed or indented by itself.
  const settings = { 'editor.autoClosingBrackets': 'never', 'editor.autoClosingQuotes': 'never', 'editor.autoIndent': 'none', 'editor.autoSurround': 'never', 'editor.stickyScroll.enabled': false, 'editor.minimap.enabled': false, 'editor.wordWrap': 'on', 'window.title': '${activeEditorShort}' };
  const sources = { timeline: /^file:.*mine\.dmi\.json$/, run: /^runs\n\S+$/, comparison: /^runs\n\S+\n\S+$/ } as const;
  let broken = false;
  let folder: string;
  let workbench: Workbench;
  let panel: Frame;
  const written = () => readFile(join(folder, 'mine.dmi.json'), 'utf8');
  /** What the spec on disk says; undefined while VS Code is writing it. */
  const spec = async () => {
    const text = await written();
    return text.endsWith('}') ? JSON.parse(text) as { experiments?: Record<string, { edits: { site: string; concept: number; where: { mask: string }; during: string }[] }> } : undefined;
  };
  const masks = async () => (await readdir(folder)).filter((name) => name.endsWith('.png'));
  const concepts = () => panel.getByRole('listbox').getByRole('option');
  const step = () => panel.locator('.now').innerText();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dmi-story-'));
    await writeFile(join(folder, 'mine.dmi.json'), '');
    workbench = await openWorkbench({ vsix: await packageExtension(thisPlatform), settings });
    await workbench.open({ folder, open: [join(folder, 'mine.dmi.json')] });
  });

  beforeEach(({ skip }) => {
    skip(broken, 'an earlier step has failed');
  });

  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    broken = true;
    await takePicture(workbench.page, 'failed');
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await workbench.close(); // throws where a process is left
  });

  it('types a spec with completion', async () => {
    const { page } = workbench;
    await page.locator('.editor-instance .monaco-editor').first().click();
    await workbench.suggest('Which concepts form, and when?'); // so far VS Code knows the file and the extension is up
    await page.keyboard.press('Escape');

    await page.keyboard.type('{\n  "dmi": 1,\n  "mod');
    await workbench.pick('model');
    await page.keyboard.type(': "');
    await workbench.pick('builtin:scenes');
    await page.keyboard.type(`,\n  "sample": {\n    "prompt": "${prompt}",\n    "seeds": [0, 1],\n    "steps": 20,\n    "guidanceScale": 5\n  },\n  "trace": {\n    "sites": ["`);
    await workbench.pick(site);
    await page.keyboard.type(']\n  }\n}');
    await page.keyboard.press('Control+S');
    await eventually('the spec on disk', written, (text) => text.endsWith('}'));
    expect(JSON.parse(await written())).toEqual({
      dmi: 1, model: 'builtin:scenes', sample: { prompt, seeds: [0, 1], steps: 20, guidanceScale: 5 }, trace: { sites: [site] },
    });
  });

  it('clicks Run trace and watches the panel fill', async () => {
    await workbench.lens('Run trace').click();
    panel = await workbench.panel(sources.timeline);
    const shares = new Set<string>();
    await eventually('the outcome in the lens', async () => {
      const share = await panel.getByRole('progressbar').getAttribute('aria-label', { timeout: 50 }).catch(() => null);
      if (share !== null && await concepts().count() > 0) shares.add(share);
      return workbench.lens(/ s · open timeline$/).count();
    }, (count) => count === 1, 60);
    expect([...shares].length, `progress with concepts beside it: ${[...shares].join(', ')}`).toBeGreaterThan(1);
    await expect.poll(() => panel.getByRole('heading', { level: 1 }).innerText()).toBe(prompt);
    await expect.poll(() => panel.getByRole('figure').count()).toBe(2); // a picture for each seed
    await expect.poll(step).toMatch(/^step 19 of 20/);
    expect((await readdir(join(folder, '.dmi', 'runs'))).length).toBe(2);
    await workbench.lens('2 runs, last ').waitFor();
  });

  it('scrubs to an early step', async () => {
    await panel.getByRole('slider', { name: /^Step shown/ }).focus();
    for (let pressed = 0; pressed < 16; pressed++) await workbench.page.keyboard.press('ArrowLeft');
    await expect.poll(step).toMatch(/^step 3 of 20/);
    await panel.getByRole('img', { name: /seed 0, step 3 of 20/ }).waitFor();
  });

  it('paints a region and inserts an edit', async () => {
    const { page } = workbench;
    const first = concepts().first();
    const id = Number((await first.getAttribute('aria-label'))?.split(' ')[0]);
    await first.click({ position: { x: 80, y: 16 } });
    await panel.getByText('brush', { exact: true }).click();
    const picture = panel.getByRole('application').first();
    await picture.scrollIntoViewIfNeeded();
    const box = await picture.boundingBox();
    if (box === null) throw new Error('the picture is out of sight');
    const [y, from, to] = [box.y + 0.3 * box.height, box.x + 0.6 * box.width, box.x + 0.9 * box.width];
    await page.mouse.move(from, y);
    await page.mouse.down();
    await page.mouse.move(to, y, { steps: 8 });
    await page.mouse.up();
    await panel.getByText('early', { exact: true }).last().click();
    await panel.getByRole('button', { name: 'Insert edit into spec' }).click();

    await workbench.tab('mine.dmi.json').first().click();
    await page.keyboard.press('Control+S');
    const { experiments } = await eventually('the edit on disk', spec, (now) => now?.experiments !== undefined);
    expect(experiments?.['experiment-1'].edits).toMatchObject([{ site, concept: id, during: 'early', where: { mask: 'mine-mask-1.png' } }]);
    expect(await masks()).toEqual(['mine-mask-1.png']);
    await panel.getByText('mine.dmi.json has changed').waitFor({ state: 'detached' }); // an experiment does not change what the trace has shown
  });

  it('takes it back', async () => {
    await workbench.tab('mine.dmi.json').first().click();
    await workbench.page.keyboard.press('Control+Z');
    await workbench.page.keyboard.press('Control+S');
    await eventually('the spec as it was', spec, (now) => now !== undefined && now.experiments === undefined);
    await eventually('no mask', masks, (names) => names.length === 0);
  });

  it('finds everything again after a reload', async () => {
    await workbench.stored(/"during\W+early/);
    await workbench.reload();
    panel = await workbench.panel(sources.timeline);
    await concepts().first().waitFor();
    expect(await step()).toMatch(/^step 3 of 20/);
    expect(await panel.getByRole('radio', { name: 'brush' }).isChecked()).toBe(true);
    expect(await panel.getByRole('radio', { name: 'early' }).isChecked()).toBe(true);
    await workbench.lens('2 runs, last ').waitFor();
  });

  it('opens a run, and two side by side, from the view of runs', async () => {
    await workbench.view('DMI Lens').click();
    await workbench.treeRow(prompt.slice(0, 12)).click();
    await workbench.page.keyboard.press('ArrowRight');
    await workbench.treeRow(/^seed 0/).click();
    await workbench.tab('run.json').waitFor();
    const run = await workbench.panel(sources.run);
    await expect.poll(() => run.getByRole('figure').count()).toBe(1);
    await workbench.treeRow(/^seed 1/).click({ modifiers: ['Control'] });
    await workbench.command('DMI: Compare Runs');
    await workbench.tab('Runs side by side').waitFor();
    const both = await workbench.panel(sources.comparison);
    await expect.poll(() => both.getByRole('figure').count()).toBe(2);
    await workbench.stored(/Runs side by side.{0,4000}source\W+runs/s); // the panel, and what it shows
  });

  describe.each(['Default Light Modern', 'Default Dark Modern', 'Default High Contrast', 'Default High Contrast Light'])('in the theme %s', (theme) => {
    beforeAll(async () => {
      await workbench.configure({ 'workbench.colorTheme': theme });
      await workbench.reload();
    });

    it.each([['timeline', 'Timeline: mine.dmi.json'], ['run', 'run.json'], ['comparison', 'Runs side by side']] as const)('everybody can use the %s', async (name, tab) => {
      await workbench.tab(tab).click();
      panel = await workbench.panel(sources[name]);
      await concepts().first().waitFor();
      await takePicture(workbench.page, `${name}-${theme.replace('Default ', '').replaceAll(' ', '-').toLowerCase()}`);
      expect(await seriousFaults(workbench.page, panel)).toEqual([]);
    });
  });

  it('looks like this', async () => {
    const { page } = workbench;
    await workbench.configure({ 'workbench.colorTheme': 'Default Light Modern' });
    await workbench.reload();
    await page.setViewportSize({ width: 1500, height: 900 });
    await page.keyboard.press('Control+B'); // the side bar makes room
    for (const tab of ['run.json', 'Runs side by side']) await workbench.closeTab(tab);
    await workbench.tab('mine.dmi.json').first().click();
    await workbench.lens('2 runs, last ').waitFor();
    await workbench.tab('Timeline: mine.dmi.json').click();
    panel = await workbench.panel(sources.timeline);
    await panel.getByRole('radio', { name: 'everywhere' }).check({ force: true });
    await panel.getByRole('radio', { name: 'all' }).check({ force: true });
    // Things, in place of the large areas around them that are strongest.
    for (let ticked = await panel.locator('.untick').count(); ticked > 0; ticked--) await panel.locator('.untick').first().click();
    await panel.getByPlaceholder('Find concept').fill('part of');
    for (const name of ['part of tree', 'part of house']) {
      const row = concepts().filter({ hasText: name }).first();
      await row.locator('[data-tick]').click();
      await row.locator('.label').click();
    }
    await panel.getByRole('slider', { name: /^Step shown/ }).focus();
    await page.keyboard.press('Home');
    for (let pressed = 0; pressed < 9; pressed++) await page.keyboard.press('ArrowRight');
    await expect.poll(step).toMatch(/^step 9 of 20/);
    await takePicture(page, 'editor', { into: 'docs' });
  });

  describe('the first steps', () => {
    const sample = `"sample": {\n    "prompt": "${prompt}",\n    "seeds": [2, 3],\n    "steps": 40\n  }`;
    const trace = `{\n  "dmi": 1,\n  "model": "builtin:scenes",\n  ${sample},\n  "trace": {\n    "sites": ["${site}"]\n  }\n}`;
    const experiment = `{\n  "dmi": 1,\n  "model": "builtin:scenes",\n  ${sample},\n  "experiments": {\n    "less": {\n      "edits": [{\n        "site": "${site}",\n        "concept": ""\n      }]\n    }\n  }\n}`;

    beforeAll(async () => {
      await workbench.stored(/search\W+part of/);
      await workbench.configure({ 'workbench.colorTheme': 'Default Dark Modern', 'editor.wordWrap': 'off' });
      await workbench.reload();
    });

    it.runIf(picturesWanted)('have their pictures', async () => {
      const { page } = workbench;
      const keep = (name: string) => takePicture(page, name, { into: 'media/walkthrough' });
      const maximize = () => workbench.command('View: Toggle Maximize Editor Group');
      await workbench.tab('Timeline: mine.dmi.json').click();
      panel = await workbench.panel(sources.timeline);
      await concepts().first().waitFor();
      await maximize();
      await page.setViewportSize({ width: 860, height: 760 });
      await keep('see');
      await maximize();

      await workbench.tab('mine.dmi.json').first().click();
      await maximize();
      await page.setViewportSize({ width: 760, height: 460 });
      await workbench.command('DMI: New Spec');
      await page.locator('.quick-input-widget .monaco-list-row').nth(2).waitFor();
      await keep('ask');
      await page.keyboard.press('Escape');

      await page.setViewportSize({ width: 760, height: 640 });
      await page.locator('.editor-instance .monaco-editor').first().click();
      await page.keyboard.press('Control+A');
      await page.keyboard.insertText(experiment);
      for (const key of ['ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowUp', 'End', 'ArrowLeft']) await page.keyboard.press(key);
      await page.keyboard.type('hou');
      await workbench.suggest('part of house');
      await keep('write');
      await page.keyboard.press('Escape');

      await page.keyboard.press('Control+A');
      await page.keyboard.insertText(trace);
      await page.keyboard.press('Control+Home');
      await page.keyboard.press('Control+S');
      await maximize();
      await page.setViewportSize({ width: 1140, height: 680 });
      await workbench.command('View: Reset Editor Group Sizes');
      await workbench.lens('Run trace').click();
      await panel.getByText(/step (1[2-9]|2\d) of 40/).waitFor();
      await keep('trace');
      await workbench.lens(/ s · open timeline$/).waitFor();
    });

    it('show what will happen', async () => {
      const { page } = workbench;
      await page.setViewportSize({ width: 1440, height: 900 });
      await workbench.command('Welcome: Open Walkthrough...');
      await page.locator('.quick-input-widget .monaco-list-row', { hasText: 'First Steps with DMI Lens' }).click();
      const steps = page.locator('.getting-started-step');
      await expect.poll(() => steps.count()).toBe(5);
      for (const [at, name] of ['see', 'ask', 'write', 'trace'].entries()) {
        await steps.nth(at).click();
        await eventually(`the picture ${name}.png`, async () => {
          const widths = await Promise.all(page.frames().map((frame) => frame.evaluate<number>(`document.querySelector('img[src$="/${name}.png"]')?.naturalWidth ?? 0`).catch(() => 0)));
          return Math.max(...widths);
        }, (width) => width > 0);
        await takePicture(page, `first-steps-${name}`);
      }
      await steps.last().click();
      await eventually('how to bring a model', async () => (await Promise.all(page.frames().map((frame) => frame.locator('text=optimum-cli export onnx').count().catch(() => 0)))).some((count) => count > 0), (shown) => shown);
      await takePicture(page, 'first-steps-bring');
    });
  });
});
