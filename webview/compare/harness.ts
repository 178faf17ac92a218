import type { FromCompare, ToCompare } from '../compareProtocol.ts';
import { testHost } from '../kit/testHost.ts';
import { generate, generatePair } from './generate.ts';
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
  },
};

Object.assign(window, { harness });
