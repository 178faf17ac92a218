import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A repository of the hub on loopback. */
export interface HubRepository {
  /** Contents by path. */
  files: Record<string, string | Uint8Array>;
  /** Larger contents are "LFS": their checksum is SHA-256, and they are handed out by the other server. */
  lfsFrom?: number;
  /** Whether it is there only for this token. */
  token?: string;
  /** Whether its terms have to be accepted, which nobody has. */
  gated?: boolean;
  branches?: readonly string[];
  commit?: string;
}

export interface HubRequest {
  readonly url: string;
  /** Which of the two servers was asked. */
  readonly server: 'hub' | 'storage';
  readonly headers: IncomingMessage['headers'];
}

/** Stands in the way of a request. @returns whether it has answered (or broken) it */
export type Meddler = (request: HubRequest, response: ServerResponse) => boolean | Promise<boolean>;

/**
 * A hub as `dmi pull` knows it, on two ports of this machine: the hub itself, and the storage that it sends people on to for large files. Independent of the code under test: written after
 * the hub's documented interface, and huggingface_hub 2.4's own `snapshot_download` takes repositories from it, gated, private and missing ones told apart.
 */
export class HubServer {
  readonly repositories: Record<string, HubRepository | undefined> = {};
  readonly requests: HubRequest[] = [];
  /** Called for every request first. */
  meddle: Meddler = () => false;
  /** Entries on a page of a listing. */
  pageSize = 1000;
  readonly #hub: Server;
  readonly #storage: Server;

  private constructor() {
    this.#hub = createServer((request, response) => { void this.#serve('hub', request, response); });
    this.#storage = createServer((request, response) => { void this.#serve('storage', request, response); });
  }

  static async start(): Promise<HubServer> {
    const server = new HubServer();
    await Promise.all([server.#hub, server.#storage].map((one) => new Promise<void>((resolve) => { one.listen(0, '127.0.0.1', resolve); })));
    return server;
  }

  get endpoint(): string {
    return address(this.#hub);
  }

  get storage(): string {
    return address(this.#storage);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#hub, this.#storage].map((one) => new Promise((resolve) => {
      one.closeAllConnections();
      one.close(resolve);
    })));
  }

  async #serve(server: HubRequest['server'], { url = '', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = { url, server, headers };
    this.requests.push(request);
    if (await this.meddle(request, response)) return;
    const path = decodeURIComponent(url.replace(/\?.*$/, ''));
    const found = /^\/(?:api\/models\/)?(?<id>[^/]+\/[^/]+)\/(?<what>revision|tree|refs|resolve)(?:\/(?<rest>.*))?$/.exec(path)?.groups as { id: string; what: string; rest?: string } | undefined;
    const repository = found && this.repositories[found.id];
    if (found === undefined || repository === undefined || (repository.token !== undefined && headers.authorization !== `Bearer ${repository.token}` && server === 'hub')) {
      refuse(response, 401, 'RepoNotFound');
      return;
    }
    const commit = repository.commit ?? commitOf(repository);
    const [first = ''] = (found.rest ?? '').split('/');
    if (found.what === 'refs') json(response, { branches: (repository.branches ?? ['main']).map((name) => ({ name, ref: `refs/heads/${name}`, targetCommit: commit })), tags: [] });
    else if (![commit, ...repository.branches ?? ['main']].includes(found.what === 'revision' ? found.rest ?? '' : first)) refuse(response, 404, 'RevisionNotFound');
    else if (found.what === 'revision') json(response, { id: found.id, sha: commit, gated: repository.gated === true ? 'manual' : false });
    else if (found.what === 'tree') this.#tree(repository, url, response);
    else if (repository.gated === true) refuse(response, headers.authorization === undefined ? 401 : 403, 'GatedRepo');
    else {
      response.setHeader('x-repo-commit', commit);
      this.#content(repository, (found.rest ?? '').slice(first.length + 1), request, response);
    }
  }

  #tree(repository: HubRepository, url: string, response: ServerResponse): void {
    const query = new URL(url, this.endpoint).searchParams;
    const entries = treeOf(repository);
    const at = Number(query.get('cursor') ?? 0);
    if (at + this.pageSize < entries.length) response.setHeader('link', `<${this.endpoint}${url.replace(/\?.*$/, '')}?recursive=true&cursor=${at + this.pageSize}>; rel="next"`);
    json(response, entries.slice(at, at + this.pageSize));
  }

  #content(repository: HubRepository, path: string, { url, server, headers }: HubRequest, response: ServerResponse): void {
    if (!Object.hasOwn(repository.files, path)) {
      refuse(response, 404, 'EntryNotFound');
      return;
    }
    const content = repository.files[path];
    const bytes = Buffer.from(content);
    if (server === 'hub' && isLarge(repository, bytes)) {
      response.writeHead(302, { location: `${this.storage}${url}?signature=of-the-storage`, 'x-linked-size': bytes.length, 'x-linked-etag': `"${sha256(bytes)}"` }).end();
      return;
    }
    response.setHeader('etag', `"${isLarge(repository, bytes) ? sha256(bytes) : gitId(bytes)}"`);
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? NaN);
    if (Number.isNaN(from)) response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    else if (from >= bytes.length) response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    else response.writeHead(206, { 'content-length': bytes.length - from, 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }).end(bytes.subarray(from));
  }
}

/** A commit's entries as the hub lists them. */
export function treeOf(repository: HubRepository): object[] {
  const folders = new Set(Object.keys(repository.files).flatMap((path) => path.split('/').slice(0, -1).map((_, index, names) => names.slice(0, index + 1).join('/'))));
  return [
    ...[...folders].map((path) => ({ type: 'directory', path, oid: sha1(path), size: 0 })),
    ...Object.entries(repository.files).map(([path, content]) => {
      const bytes = Buffer.from(content);
      const pointer = { type: 'file', path, oid: gitId(bytes), size: bytes.length };
      return isLarge(repository, bytes) ? { ...pointer, oid: sha1(path), lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 133 } } : pointer;
    }),
  ];
}

/** Changes with any file. */
function commitOf({ files }: HubRepository): string {
  return sha1(JSON.stringify(Object.entries(files).map(([path, content]) => [path, sha1(content)])));
}

/** Cut an answer off after some bytes. */
export function breakOff(response: ServerResponse, bytes: Uint8Array, length: number): boolean {
  response.writeHead(200, { 'content-length': length });
  response.write(bytes, () => { response.destroy(); });
  return true;
}

/** A small pipeline: the files that are needed, and many that are not. */
export function pipelineRepository(seed = 1): HubRepository & { readonly needed: readonly string[] } {
  const weights = Buffer.alloc(300_000, `weights ${seed} `);
  const needed: Record<string, string | Uint8Array> = {
    'model_index.json': '{"_class_name":"StableDiffusionPipeline"}',
    'LICENSE.md': 'terms',
    'scheduler/scheduler_config.json': '{"_class_name":"DDIMScheduler"}',
    'tokenizer/vocab.json': '{}', 'tokenizer/merges.txt': '#version', 'tokenizer/tokenizer_config.json': '{}',
    'text_encoder/config.json': '{}', 'text_encoder/model.onnx': Buffer.alloc(50_000, 'text '),
    'unet/config.json': '{"in_channels":4,"sample_size":8}', 'unet/model.onnx': Buffer.alloc(40_000, 'unet '), 'unet/model.onnx_data': weights, 'unet/onnx__MatMul_12': Buffer.alloc(70_000, 'external '),
    'vae_decoder/config.json': '{}', 'vae_decoder/model.onnx': Buffer.alloc(50_000, 'vae '),
  };
  return {
    needed: Object.keys(needed), lfsFrom: 10_000,
    files: {
      ...needed, 'sample.png': 'picture', 'v1-5.ckpt': 'x', 'unet/diffusion_pytorch_model.safetensors': 'x', 'unet/model_fp16.onnx': 'x', 'unet/model_fp16.onnx_data': 'x', 'vae_encoder/model.onnx': 'x',
      'safety_checker/model.onnx': 'x', '.gitattributes': 'x', 'unet/flax_model.msgpack': 'x', 'text_encoder/pytorch_model.bin': 'x',
    },
  };
}

function isLarge({ lfsFrom = 1000 }: HubRepository, bytes: Uint8Array): boolean {
  return bytes.length >= lfsFrom;
}

function sha1(content: string | Uint8Array): string {
  return createHash('sha1').update(content).digest('hex');
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** What git calls a content. */
function gitId(bytes: Uint8Array): string {
  return sha1(Buffer.concat([Buffer.from(`blob ${bytes.length}\0`), bytes]));
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'x-error-code': code, 'x-error-message': 'words of the hub' }).end('{}');
}

function address(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
