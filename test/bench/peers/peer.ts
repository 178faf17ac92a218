import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** One generation. */
export interface Generated {
  readonly stepMs: readonly number[];
  /** The first few values of the last latents; none where the peer draws other noise. */
  readonly latents: readonly number[];
}

/** A program that makes a generation for each seed on its input. */
export class Peer {
  readonly #command: readonly string[];
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  private constructor(command: readonly string[], child: ChildProcess) {
    this.#command = command;
    this.#child = child;
    if (child.stdout === null) throw new RangeError('no output');
    this.#answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  /** @returns undefined, said on stderr, where it ends before its first answer: it is not installed, or does not run */
  static async open(name: string, command: readonly string[] | undefined): Promise<Peer | undefined> {
    if (command === undefined) return undefined;
    const peer = new Peer(command, start(command, 'ignore'));
    if (await peer.generate(0) !== undefined) return peer; // the first one allocates
    process.stderr.write(`  ${name} does not run: ${(await lastWords(command)).slice(0, 300)}\n`);
    return undefined;
  }

  /** @returns undefined when the program has ended */
  async generate(seed: number): Promise<Generated | undefined> {
    this.#child.stdin?.write(`${seed}\n`);
    const answer: IteratorResult<string, unknown> = await this.#answers.next();
    return answer.done === true ? undefined : JSON.parse(answer.value) as Generated;
  }

  /** Milliseconds that the whole program takes for one generation, from nothing. */
  async wholeMs(seed: number): Promise<number> {
    const started = performance.now();
    await once(start(this.#command, 'ignore'), seed);
    return performance.now() - started;
  }

  close(): void {
    this.#child.stdin?.end();
  }
}

function start([program, ...args]: readonly string[], stderr: 'ignore' | 'pipe'): ChildProcess {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', stderr], env: { ...process.env, HF_HUB_OFFLINE: '1' } });
  child.on('error', () => undefined); // its end tells
  child.stdin?.on('error', () => undefined);
  return child;
}

async function once(child: ChildProcess, seed: number): Promise<number | null> {
  child.stdin?.end(`${seed}\n`);
  child.stdout?.resume();
  return new Promise((resolve) => {
    child.once('error', () => { resolve(null); });
    child.once('close', resolve);
  });
}

async function lastWords(command: readonly string[]): Promise<string> {
  const child = start(command, 'pipe');
  let words = '';
  child.stderr?.on('data', (part: Buffer) => { words = `${words}${part.toString()}`.slice(-4000); });
  await once(child, 0);
  return words.trim().split('\n').at(-1) ?? '';
}
