import { setTimeout as wait } from 'node:timers/promises';
import { CancelledError, InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { throwIfCancelled } from '../base/throwIfCancelled.ts';
import { isPrivate } from './endpoint.ts';
import { ConnectionError, refusal, strange } from './hubFaults.ts';
import type { HubToken } from './token.ts';

/** A server's answer whose body has not been read yet. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The body in pieces. @throws ConnectionError where it breaks off or stalls, CancelledError */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>;
  /** Close the connection; safe at any time, and needed wherever the body is not read to its end. */
  close(): void;
}

export interface HubClientOptions {
  readonly endpoint: URL;
  readonly token?: HubToken;
  /** Silence that counts as a broken connection. */
  readonly stallMs?: number;
  /** How long to wait before the first retry; each further one waits twice as long. */
  readonly retryMs?: number;
}

const mostRedirects = 5;
const mostRetries = 4;
/** Longer than this nobody is made to wait by a hub that asks for patience. */
const longestWaitMs = 60_000;
const redirects = [301, 302, 303, 307, 308];
/** Too busy, or broken for a moment. */
const passing = [408, 429, 500, 502, 503, 504];

/** Requests to one hub, with its token; Node's own `fetch` underneath, so that proxies are what they are for Node or the editor. */
export class HubClient {
  readonly endpoint: URL;
  /** Where the token that is sent comes from; undefined where none is. */
  readonly tokenFrom: string | undefined;
  readonly #token: HubToken | undefined;
  readonly #stallMs: number;
  readonly #retryMs: number;

  constructor({ endpoint, token, stallMs = 60_000, retryMs = 500 }: HubClientOptions) {
    this.endpoint = endpoint;
    this.#token = isPrivate(endpoint) ? token : undefined;
    this.tokenFrom = this.#token?.from;
    this.#stallMs = stallMs;
    this.#retryMs = retryMs;
  }

  /**
   * Ask until there is an answer: a hub that is busy or cannot be reached for a moment is asked again.
   * @param about for the words of errors @throws InputError for a refusal, ConnectionError, CancelledError
   */
  async get(url: URL, about: { readonly id: string; readonly revision: string }, { headers = {}, signal }: { headers?: Record<string, string>; signal?: AbortSignal } = {}): Promise<Answer> {
    for (let failures = 0; ; failures++) {
      const answer = await this.#follow(url, headers, signal).catch((error: unknown) => {
        if (error instanceof ConnectionError && failures < mostRetries) return undefined;
        throw error;
      });
      if (answer !== undefined && (answer.status === 200 || answer.status === 206 || answer.status === 416)) return answer;
      if (answer !== undefined) {
        answer.close();
        if (!passing.includes(answer.status) || failures >= mostRetries) throw refusal(answer.status, answer.headers, { ...about, endpoint: this.endpoint, withToken: this.#token !== undefined });
      }
      await this.pause(failures, signal, secondsAsked(answer?.headers));
    }
  }

  /** Wait before trying again. @param failures so far, from 0 @param asked seconds that the hub asks for @throws CancelledError */
  async pause(failures: number, signal: AbortSignal | undefined, asked = 0): Promise<void> {
    await wait(Math.min(longestWaitMs, Math.max(this.#retryMs * 2 ** failures, asked * 1000)), undefined, { signal }).catch(() => { throw new CancelledError(); });
  }

  /** One request and where it is sent on to. The token goes to the hub alone: the servers that it hands files out from have addresses of their own that hold what they need. */
  async #follow(first: URL, headers: Record<string, string>, signal: AbortSignal | undefined): Promise<Answer> {
    let url = first;
    for (let hop = 0; hop <= mostRedirects; hop++) {
      const token = url.origin === this.endpoint.origin ? this.#token : undefined;
      const answer = await this.#request(url, { ...headers, ...(token !== undefined && { authorization: `Bearer ${token.value}` }) }, signal);
      const location = answer.headers.get('location');
      if (!redirects.includes(answer.status) || location === null) return answer;
      answer.close();
      url = this.#next(location, url);
    }
    throw strange(phrase`it leads from one address to the next without end`, this.endpoint);
  }

  #next(location: string, from: URL): URL {
    const next = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
    if (next === undefined || !/^https?:$/.test(next.protocol) || next.username !== '' || next.password !== '') throw strange(phrase`it leads to something that is no address`, this.endpoint);
    if (from.protocol === 'https:' && next.protocol !== 'https:') throw strange(phrase`it leads from an encrypted address to an open one`, this.endpoint);
    return next;
  }

  async #request(url: URL, headers: Record<string, string>, signal: AbortSignal | undefined): Promise<Answer> {
    throwIfCancelled(signal);
    const end = new AbortController();
    const cancel = (): void => { end.abort(); };
    signal?.addEventListener('abort', cancel, { once: true });
    let stalled = false;
    const watch = setTimeout(() => {
      stalled = true;
      end.abort();
    }, this.#stallMs);
    const close = (): void => {
      clearTimeout(watch);
      signal?.removeEventListener('abort', cancel);
      end.abort();
    };
    const why = (error: unknown): Error => {
      close();
      if (signal?.aborted === true) return new CancelledError();
      return new ConnectionError(stalled ? `${url.host} is silent` : `${url.host}: ${reasonOf(error)}`, { cause: error });
    };
    try {
      // `identity`: sizes and ranges are those of the file, not of what a server makes of it on the way
      const response = await fetch(url, { headers: { 'user-agent': 'dmi-lens', 'accept-encoding': 'identity', ...headers }, redirect: 'manual', signal: end.signal });
      watch.refresh();
      return {
        status: response.status,
        headers: response.headers,
        close,
        async *chunks() {
          try {
            for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
              watch.refresh();
              yield chunk;
            }
          } catch (error) {
            throw why(error);
          } finally {
            close();
          }
        },
      };
    } catch (error) {
      throw why(error);
    }
  }
}

/** What is to be read at once, and no longer than that. @throws InputError where it is longer, ConnectionError, CancelledError */
export async function readAnswer(answer: Answer, mostBytes: number, endpoint: URL): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.chunks()) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw strange(phrase`it has more than ${mostBytes} bytes`, endpoint);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A connection that stays broken, as people need it. */
export function unreachable(error: ConnectionError): InputError {
  return new InputError(phrase`the hub cannot be reached`, { file: error.message, remedy: phrase`Check the network, the proxy and HF_ENDPOINT, and pull again: what was loaded is kept.` });
}

/** How long a busy hub asks for patience: `Retry-After` (RFC 9110, in seconds or as a date), or `RateLimit: ...;t=seconds` (the draft that the public hub follows). */
function secondsAsked(headers: Headers | undefined): number {
  const after = headers?.get('retry-after') ?? '';
  if (/^\d{1,6}$/.test(after)) return Number(after);
  const until = Date.parse(after);
  if (!Number.isNaN(until)) return Math.max(0, (until - Date.now()) / 1000);
  return Number(/;\s*t=(?<seconds>\d{1,6})/.exec(headers?.get('ratelimit') ?? '')?.groups?.seconds ?? 0);
}

/** `fetch failed` says nothing; what it failed of stands below it. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message } = cause as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? code : typeof message === 'string' ? message : 'unknown';
}
