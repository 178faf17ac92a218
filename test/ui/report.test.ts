import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runReport } from '../../src/report/runReport.ts';
import type { StudyPage } from '../../src/report/studies/studyPage.ts';
import { openBrowser } from '../../tools/vscode/browser.ts';
import { fakeMeasure, fakeOutcome, fakeSweep } from '../support/fakeOutcome.ts';
import { fakeResult } from '../unit/report/fakeResult.ts';

/** Reports in a real browser: what is read must be in sight, whatever others have written. */

let browser: Browser;
beforeAll(async () => { browser = await openBrowser(); });
afterAll(async () => { await browser.close(); });

const stored = <T>(name: string, outcome: T) => ({ name, outcome, fault: undefined, stale: false });
const studies: StudyPage = {
  experiments: [stored('move', fakeOutcome({ measures: { 'presence:house': fakeMeasure(0.75, 0.25, 0.5), 'outside.ssim': fakeMeasure(null) } }))],
  sweeps: [stored('when', fakeSweep())], pictures: new Map(), names: { together: () => undefined, best: () => undefined },
};
const longSite = 'up_blocks.0.attentions.2.transformer_blocks.3';

function reportOf(options: Parameters<typeof fakeResult>[0], language: 'en' | 'ja' = 'en'): string {
  const { result, pictures } = fakeResult(options);
  return runReport({ ...result, sites: result.sites.map((site) => ({ ...site, site: longSite })) }, pictures, { language, key: 'k', studies });
}

async function withPage(text: string, { width, colorScheme = 'light' }: { width: number; colorScheme?: 'light' | 'dark' }, look: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  try {
    const page = await context.newPage();
    await page.setContent(text);
    await look(page);
  } finally {
    await context.close();
  }
}

const reports = {
  'a usual one': reportOf({ seeds: 2, steps: 10 }), 'one in Japanese': reportOf({ seeds: 2, steps: 10 }, 'ja'), 'one step of one seed': reportOf({ seeds: 1, steps: 1 }),
  'many seeds and a prompt without a space': reportOf({ seeds: 12, steps: 4, prompt: 'x'.repeat(3000), labels: (label) => label?.repeat(40) }),
};

describe.each(Object.entries(reports))('%s', (_, text) => {
  it('never scrolls sideways, and no name lies over a number', async () => {
    for (const width of [480, 1200]) {
      await withPage(text, { width }, async (page) => {
        expect(await page.evaluate('document.documentElement.scrollWidth'), `at ${width}`).toBeLessThanOrEqual(width);
        const wider = await page.evaluate<string[]>('[...document.querySelectorAll("header > *, .row > :not(.time), .facts > span, h3, .prompt")].filter((element) => element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline").map((element) => element.textContent)');
        expect(wider, `at ${width}`).toEqual([]);
        expect(await page.evaluate<number>('document.querySelector(".prompt").clientWidth'), `at ${width}`).toBeGreaterThan(340);
        expect(await page.evaluate<number>('Math.max(...[...document.querySelectorAll(".film svg")].map((picture) => picture.clientWidth))'), `at ${width}`).toBeLessThanOrEqual(160);
      });
    }
  });
});

it.each(['light', 'dark'] as const)('axe finds nothing serious in a report, %s', async (colorScheme) => {
  await withPage(reports['a usual one'], { width: 1200, colorScheme }, async (page) => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id} ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  });
});
