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
};

Object.assign(window, { harness });
