import type { Tensor } from '../../src/base/tensor.ts';
import type { Session, ValueInfo } from '../../src/onnx/session.ts';

type Tensors = Readonly<Record<string, Tensor>>;

/** A session whose model is a function; `calls` collects the feeds of every run. */
export function fakeSession(inputs: readonly ValueInfo[], outputs: readonly ValueInfo[], model: (feeds: Tensors) => Tensors): Session & { readonly calls: Tensors[] } {
  const calls: Tensors[] = [];
  return {
    inputs,
    outputs,
    calls,
    runMs: 0,
    run: (feeds) => {
      calls.push(feeds);
      return Promise.resolve({ ...model(feeds) });
    },
    endProfile: () => undefined,
    close: () => Promise.resolve(),
  };
}
