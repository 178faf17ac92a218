import type { FromCompare, ToCompare } from '../compareProtocol.ts';
import { endOfFrame, framesOf, pointAt, pressKey, query, slide } from '../kit/stopwatch.ts';
import { testHost } from '../kit/testHost.ts';
import { generate, generateLive, generatePair } from './generate.ts';
import type { GenerateOptions } from './generate.ts';

/** What the page test/ui/harness/index.html has in place of VS Code for the compare panel. It is loaded before the panel, and is no part of it. */
const harness = {
  ...testHost<ToCompare, FromCompare>(),
  /** Show an invented experiment, and answer what the panel asks for. */
  show(options: GenerateOptions = {}): void {
    const { sent } = harness;
    sent.push = (...messages: FromCompare[]) => {
      for (const message of messages) if (message.type === 'pair') setTimeout(() => { harness.send({ type: 'pair', pair: generatePair(message.seed, message.subject, options) }); });
      return Array.prototype.push.apply(sent, messages);
    };
    harness.send({ type: 'data', data: generate(options) });
    if (options.live !== undefined) harness.send({ type: 'live', live: generateLive(options) });
  },
  /** The next step of the live edited run. */
  step(options: GenerateOptions, column: number): void {
    const preview = generateLive({ ...options, live: column + 1 }).edited[column];
    if (preview !== null) harness.send({ type: 'picture', seed: 1, run: 'edited', column, preview });
  },
  /** Both runs have been read, and every pair of pictures compared. */
  async known(): Promise<void> {
    while (document.querySelector('[role="option"]') === null || document.querySelector('.parting-text') === null) await endOfFrame();
  },
  /** Work in each frame of some seconds of use. @returns milliseconds by kind of use */
  frames(): Promise<Record<string, number[]>> {
    const film = query('.film');
    const rows = query('.rows');
    const swipe = query('.swipe');
    const slider = query('.stage input[type="range"]');
    return framesOf({
      scrub: () => { pressKey(film, 'ArrowLeft'); },
      swipe: (frame) => { pointAt(swipe, (frame % 20) / 20, 0.5); },
      slide: (frame) => { slide(slider, (frame % 20) / 20); },
      rows: () => { pressKey(rows, 'ArrowDown'); },
      step: () => { pressKey(rows, 'Enter'); },
    });
  },
};

Object.assign(window, { harness });
