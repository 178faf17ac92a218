import type { Page } from 'playwright-core';
import { openPanelHarness } from '../support/panelHarness.ts';
import { quantile } from '../../src/base/statistics.ts';

/** Runs of one measurement; the best one tells what the code costs, the others what else the machine was doing. */
const attempts = 3;

/**
 * The panels in a real browser. `panel_first_paint_ms`: the timeline of 50 steps x 5 sites x 5120 concepts (256 to 1024 cells, k = 32), from the arrival of its data to the end of the frame that shows
 * them. `panel_frame_ms`: the 95th percentile of the work in a frame of it while scrubbing, pointing, moving and scrolling rows, ticking, and changing the opacity; of the slowest of these.
 * `compare_frame_ms`: the same of two such runs side by side, while scrubbing, dragging the line between both pictures, and moving through the concepts. `sweep_frame_ms`: of a sweep of 3 x 12 x 3
 * variants, while walking over the pictures, pointing at the plot, and choosing another measure.
 */
export async function bench(): Promise<Record<string, number>> {
  let firstPaint = Infinity;
  const timeline = await slowestFrame('timeline', async (page) => {
    firstPaint = Math.min(firstPaint, await page.evaluate<number>('harness.firstPaint(harness.large(1))'));
    await page.evaluate('harness.allSitesKnown()');
  });
  const compare = await slowestFrame('compare', async (page) => {
    await page.evaluate('harness.show({ large: true, steps: 50, from: 6 })');
    await page.evaluate('harness.known()');
  });
  const sweep = await slowestFrame('sweep', async (page) => {
    await page.evaluate(`harness.show(${JSON.stringify({ strengths: Array.from({ length: 12 }, (_, index) => 1 + index), regions: ['right', 'left', 'top'] })})`);
    await page.evaluate('harness.known()');
  });
  return { panel_first_paint_ms: firstPaint, panel_frame_ms: timeline, compare_frame_ms: compare, sweep_frame_ms: sweep };
}

/** @param prepare fills the panel. @returns milliseconds of work in a frame, 95th percentile, of the slowest use */
async function slowestFrame(panel: string, prepare: (page: Page) => Promise<void>): Promise<number> {
  const harness = await openPanelHarness('.', panel);
  try {
    const frames = new Map<string, number>();
    for (let attempt = 0; attempt < attempts; attempt++) {
      const page = await harness.page();
      await prepare(page);
      const times = await page.evaluate<Record<string, number[]>>('harness.frames()');
      for (const [use, ofUse] of Object.entries(times)) frames.set(use, Math.min(quantile(ofUse, 0.95), frames.get(use) ?? Infinity));
      process.stderr.write(`  ${panel}: ${Object.entries(times).map(([use, ofUse]) => `${use} ${quantile(ofUse, 0.5).toFixed(1)}/${quantile(ofUse, 0.95).toFixed(1)}/${Math.max(...ofUse).toFixed(1)}`).join(', ')} ms (median/95 %/most)\n`);
      await page.close();
    }
    return Math.max(...frames.values());
  } finally {
    await harness.close();
  }
}
