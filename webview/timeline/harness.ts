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

/** Milliseconds of work in each frame of some seconds of use: handling the event, drawing, layout and paint. @returns by kind of use */
async function frames(): Promise<Record<string, number[]>> {
  const film = query('.film');
  const list = query('.list');
  const rows = query('.rows');
  const opacity = query('.maps input[type="range"]') as HTMLInputElement;
  const key = (element: HTMLElement, name: string): void => { element.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true })); };
  const over = (frame: number): void => {
    const row = document.querySelectorAll('.row .strip')[frame % 9];
    const { left, top, width } = row.getBoundingClientRect();
    row.dispatchEvent(new PointerEvent('pointermove', { clientX: left + (width * (frame % 50)) / 50, clientY: top + 4, bubbles: true }));
  };
  const uses: Readonly<Record<string, (frame: number) => void>> = {
    scrub: () => { key(film, 'ArrowLeft'); },
    hover: over,
    rows: () => { key(rows, 'ArrowDown'); },
    scroll: () => { list.scrollTop += 70; },
    opacity: (frame) => { opacity.value = String((frame % 20) / 20); opacity.dispatchEvent(new Event('input', { bubbles: true })); },
    tick: () => { key(rows, ' '); },
  };
  const times: Record<string, number[]> = {};
  for (const [name, use] of Object.entries(uses)) {
    times[name] = [];
    for (let frame = 0; frame < 40; frame++) times[name].push(await frameOf(() => { use(frame); }));
  }
  return times;
}

/** Work that an event causes: in its handlers, and in the frame after it. */
async function frameOf(use: () => void): Promise<number> {
  let begun = 0;
  requestAnimationFrame(() => { begun = performance.now(); }); // asked for first, so it runs before the panel's
  const start = performance.now();
  use();
  const handled = performance.now() - start;
  await endOfFrame();
  return handled + performance.now() - begun;
}

/** After the next frame has been drawn: a message that is posted in it comes once layout and paint are done. */
function endOfFrame(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => { resolve(); };
      port2.postMessage(null);
    });
  });
}

function query(selector: string): HTMLElement {
  const element = document.querySelector<HTMLElement>(selector);
  if (element === null) throw new Error(`the panel has no ${selector}`);
  return element;
}
