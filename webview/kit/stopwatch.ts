/** Measures the work of frames in a page without an editor; for tests and benches, and no part of any panel. */

/** After the next frame has been drawn: a message that is posted in it comes once layout and paint are done. */
export function endOfFrame(): Promise<void> {
  return new Promise((resolve) => {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => { resolve(); };
      port2.postMessage(null);
    });
  });
}

/** Milliseconds of work in each frame of some seconds of use: handling the event, drawing, layout and paint. @param uses by kind; each is given the number of the frame. @returns by kind */
export async function framesOf(uses: Readonly<Record<string, (frame: number) => void>>, frames = 40): Promise<Record<string, number[]>> {
  const times: Record<string, number[]> = {};
  for (const [name, use] of Object.entries(uses)) {
    times[name] = [];
    for (let frame = 0; frame < frames; frame++) times[name].push(await frameOf(() => { use(frame); }));
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

export function pressKey(element: Element, key: string): void {
  element.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
}

/** Move the pointer over an element. @param x @param y shares of its size */
export function pointAt(element: Element, x: number, y: number): void {
  const { left, top, width, height } = element.getBoundingClientRect();
  element.dispatchEvent(new PointerEvent('pointermove', { clientX: left + x * width, clientY: top + y * height, buttons: 1, bubbles: true }));
}

/** Move a slider. @param to as its value */
export function slide(slider: HTMLElement, to: number): void {
  (slider as HTMLInputElement).value = String(to);
  slider.dispatchEvent(new Event('input', { bubbles: true }));
}

/** @throws Error where the panel has none */
export function query(selector: string): HTMLElement {
  const element = document.querySelector<HTMLElement>(selector);
  if (element === null) throw new Error(`the panel has no ${selector}`);
  return element;
}
