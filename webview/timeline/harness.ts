import { endOfFrame, framesOf, pointAt, pressKey, query, slide } from '../kit/stopwatch.ts';
import { testHost } from '../kit/testHost.ts';
import type { FromPanel, PanelData, ToPanel } from '../protocol.ts';
import { generate, generateLarge } from './generate.ts';

/**
 * What the page test/ui/harness/index.html has in place of VS Code: a host whose messages a test can send and read, and a stopwatch.
 * It is loaded before the panel, and is no part of it.
 */
const harness = {
  generate,
  ...testHost<ToPanel, FromPanel>(),
  /** The largest data that a panel must bear: 50 steps x 5 sites x 5120 concepts. */
  large: generateLarge,
  firstPaint,
  allSitesKnown,
  frames,
};

export type Harness = typeof harness;

declare global {
  interface Window {
    harness: Harness;
  }
}

window.harness = harness;

/** Milliseconds from the arrival of data to the end of the frame that shows their rows. */
async function firstPaint(data: PanelData): Promise<number> {
  const start = performance.now();
  harness.send({ type: 'data', data });
  do await endOfFrame(); while (document.querySelector('.row canvas') === null);
  return performance.now() - start;
}

/** Every site has been looked at: its heading counts the concepts that are active. */
async function allSitesKnown(): Promise<void> {
  while ([...document.querySelectorAll('.site-facts')].some(({ textContent }) => !textContent.includes('active'))) await endOfFrame();
}

/** Work in each frame of some seconds of use. @returns milliseconds by kind of use */
function frames(): Promise<Record<string, number[]>> {
  const film = query('.film');
  const list = query('.list');
  const rows = query('.rows');
  const opacity = query('.maps input[type="range"]');
  return framesOf({
    scrub: () => { pressKey(film, 'ArrowLeft'); },
    hover: (frame) => { pointAt(document.querySelectorAll('.row .strip')[frame % 9], (frame % 50) / 50, 0.2); },
    rows: () => { pressKey(rows, 'ArrowDown'); },
    scroll: () => { list.scrollTop += 70; },
    opacity: (frame) => { slide(opacity, (frame % 20) / 20); },
    tick: () => { pressKey(rows, ' '); },
  });
}
