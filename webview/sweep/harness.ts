import { endOfFrame, framesOf, pointAt, pressKey, query } from '../kit/stopwatch.ts';
import { testHost } from '../kit/testHost.ts';
import type { FromSweep, ToSweep } from '../sweepProtocol.ts';
import { generate, generatePicture } from './generate.ts';
import type { GenerateOptions } from './generate.ts';

/** What the page test/ui/harness/index.html has in place of VS Code for the sweep panel. It is loaded before the panel, and is no part of it. */
const harness = {
  ...testHost<ToSweep, FromSweep>(),
  /** Show an invented sweep, and answer what the panel asks for. */
  show(options: GenerateOptions = {}): void {
    const { sent } = harness;
    const data = generate(options);
    sent.push = (...messages: FromSweep[]) => {
      for (const message of messages) {
        if (message.type !== 'pictures') continue;
        for (const cell of [null, ...data.sweep?.cells.keys() ?? []]) setTimeout(() => { harness.send({ type: 'picture', seed: message.seed, cell, image: generatePicture(data, message.seed, cell) }); });
      }
      return Array.prototype.push.apply(sent, messages);
    };
    harness.send({ type: 'data', data });
  },
  /** Its tiles have been drawn. */
  async known(): Promise<void> {
    while (document.querySelector('.tile canvas') === null) await endOfFrame();
  },
  /** Work in each frame of some seconds of use. @returns milliseconds by kind of use */
  frames(): Promise<Record<string, number[]>> {
    const plot = query('.plot');
    const walk = (frame: number): void => { pressKey(query('.tile[aria-selected="true"]'), ['ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowDown'][Math.floor(frame / 2) % 4]); };
    const effect = query('.header select') as HTMLSelectElement;
    return framesOf({
      walk,
      hover: (frame) => { pointAt(plot, (frame % 40) / 40, ((7 * frame) % 40) / 40); },
      measure: (frame) => {
        effect.selectedIndex = frame % 2;
        effect.dispatchEvent(new Event('change', { bubbles: true }));
      },
    });
  },
};

Object.assign(window, { harness });
