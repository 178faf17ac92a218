import { openPanelHarness } from '../support/panelHarness.ts';
import { quantile } from '../../src/base/statistics.ts';

/** Runs of one measurement; the best one tells what the code costs, the others what else the machine was doing. */
const attempts = 3;

/**
 * The timeline panel with 50 steps x 5 sites x 5120 concepts (256 to 1024 cells, k = 32) in a real browser.
 * `panel_first_paint_ms`: from the arrival of the data to the end of the frame that shows them. `panel_frame_ms`: the 95th percentile of the work in a frame while scrubbing,
 * pointing, moving and scrolling rows, ticking, and changing the opacity; of the slowest of these.
 */
export async function bench(): Promise<Record<string, number>> {
  const harness = await openPanelHarness('.');
  try {
    const firstPaints: number[] = [];
    const frames = new Map<string, number>();
    for (let attempt = 0; attempt < attempts; attempt++) {
      const page = await harness.page();
      firstPaints.push(await page.evaluate<number>('harness.firstPaint(harness.large(1))'));
      await page.evaluate('harness.allSitesKnown()');
      const times = await page.evaluate<Record<string, number[]>>('harness.frames()');
      for (const [use, ofUse] of Object.entries(times)) frames.set(use, Math.min(quantile(ofUse, 0.95), frames.get(use) ?? Infinity));
      process.stderr.write(`  ${Object.entries(times).map(([use, ofUse]) => `${use} ${quantile(ofUse, 0.5).toFixed(1)}/${quantile(ofUse, 0.95).toFixed(1)}/${Math.max(...ofUse).toFixed(1)}`).join(', ')} ms (median/95 %/most)\n`);
      await page.close();
    }
    return { panel_first_paint_ms: Math.min(...firstPaints), panel_frame_ms: Math.max(...frames.values()) };
  } finally {
    await harness.close();
  }
}
