import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { TorchGenerator } from '../../src/base/torchRandom.ts';
import { float32 } from '../../src/base/tensor.ts';
import { GraphBuilder } from '../../src/onnx/graphBuilder.ts';
import { openSession } from '../../src/onnx/session.ts';
import type { TrainShape } from '../../src/sae/trainGraph.ts';
import { Trainer } from '../../src/sae/trainer.ts';
import { initialState } from '../../src/sae/trainState.ts';

const threads = availableParallelism();
/** The same from here and from the bundle in out/bench/. */
const script = fileURLToPath(new URL('../../test/bench/saeTorch.py', import.meta.url));

/** The training step beside PyTorch's, both on every core, taken in turns: `torch's time / ours` at two sizes, and the share of its products. */
export async function bench(): Promise<Record<string, number | null>> {
  const small = await compare({ d: 128, n: 1024, k: 16, batch: 4096 }, 24);
  const large = await compare({ d: 1280, n: 5120, k: 32, batch: 4096 }, 4);
  return { sae_step_vs_torch_128: small.ratio, sae_step_vs_torch_1280: large.ratio, sae_gemm_share: large.gemmShare };
}

async function compare(shape: TrainShape, rounds: number): Promise<{ ratio: number | null; gemmShare: number }> {
  const { d, batch } = shape;
  const x = new TorchGenerator(1).randn(batch * d);
  const state = initialState(shape, { x, median: new Float32Array(d), seed: 0 });
  const trainer = await Trainer.open(shape, { state, step: 0 }, { deadAfter: 1e9, threads });
  const products = await openProducts(shape, x);
  const python = pythonWithTorch();
  const torch = python === undefined ? undefined : openTorch(python, shape);
  const times = { ours: [] as number[], torch: [] as number[], products: [] as number[] };
  for (let round = -1; round < rounds; round++) {
    const ours = await milliseconds(() => trainer.advance(x, 1e-3));
    const gemm = await milliseconds(products.run);
    const theirs = await torch?.step();
    if (round < 0) continue; // the first step allocates
    times.ours.push(ours);
    times.products.push(gemm);
    if (theirs !== undefined) times.torch.push(theirs);
  }
  torch?.close();
  await products.close();
  await trainer.close();
  const step = median(times.ours);
  return { ratio: torch === undefined ? null : median(times.torch) / step, gemmShare: median(times.products) / step };
}

/** The step's three batch-wide matrix products and nothing else: the encoder and both weight gradients. */
async function openProducts({ d, n, batch }: TrainShape, x: Float32Array): Promise<{ run: () => Promise<unknown>; close: () => Promise<void> }> {
  const graph = new GraphBuilder();
  graph.input('x', 'float32', [batch, d]);
  graph.input('encoder', 'float32', [n, d]);
  graph.input('z', 'float32', [batch, n]);
  graph.output(graph.node('Gemm', ['x', 'encoder'], { transB: 1 }), 'float32', [batch, n]);
  for (const output of ['decoderGradient', 'encoderGradient']) {
    graph.output(graph.node('Gemm', ['z', 'x'], { transA: 1 }, output), 'float32', [n, d]);
  }
  const session = await openSession({ bytes: graph.build() }, { threads, optimisation: 'disabled' });
  const random = new TorchGenerator(2);
  const feeds = {
    x: float32(x, [batch, d]), encoder: float32(random.randn(n * d), [n, d]), z: float32(random.randn(batch * n), [batch, n]),
  };
  return { run: () => session.run(feeds), close: () => session.close() };
}

/** The interpreter named by DMI_PYTHON, else python3; undefined where it has no PyTorch. */
function pythonWithTorch(): string | undefined {
  const python = process.env.DMI_PYTHON ?? 'python3';
  return spawnSync(python, ['-c', 'import torch']).status === 0 ? python : undefined;
}

/** A PyTorch process that takes one step for every line it is sent. */
function openTorch(python: string, { d, n, k, batch }: TrainShape): { step: () => Promise<number>; close: () => void } {
  const child = spawn(python, [script, d, n, k, batch, threads].map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    step: async () => {
      child.stdin.write('\n');
      return Number((await answers.next()).value);
    },
    close: () => { child.stdin.end(); },
  };
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
