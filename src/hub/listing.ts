import * as Type from 'typebox';
import type { Static } from 'typebox';
import { hasShape } from '../base/checkShape.ts';
import { phrase } from '../base/phrase.ts';
import type { Checksum } from './checksum.ts';
import { strange } from './hubFaults.ts';
import { type HubClient, readAnswer } from './hubClient.ts';

/** A file of a repository. */
export interface RemoteFile {
  /** With forward slashes; as the hub writes it, not checked. */
  readonly path: string;
  readonly size: number;
  readonly checksum: Checksum;
}

const size = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

const treeEntry = Type.Object({
  type: Type.String(),
  path: Type.String({ minLength: 1, maxLength: 4096 }),
  oid: Type.Optional(Type.String()),
  size: Type.Optional(size),
  lfs: Type.Optional(Type.Object({ oid: Type.String(), size })),
});

const revisionAnswer = Type.Object({ sha: Type.String({ pattern: '^[0-9a-f]{40}$' }) });

const refsAnswer = Type.Object({ branches: Type.Array(Type.Object({ name: Type.String({ maxLength: 250 }) })) });

/** An answer of the hub's interface has a few megabytes at most. */
const mostAnswerBytes = 16 * 2 ** 20;
const mostFiles = 100_000;
const mostPages = 1000;

/** The commit that a branch or tag stands for at this moment. @throws InputError, ConnectionError, CancelledError */
export async function resolveRevision(hub: HubClient, about: { readonly id: string; readonly revision: string }, signal?: AbortSignal): Promise<string> {
  const url = new URL(`api/models/${about.id}/revision/${encodeURIComponent(about.revision)}`, hub.endpoint);
  return (await readJson(hub, url, about, revisionAnswer, signal)).value.sha;
}

/** Every file of a commit. @throws InputError, ConnectionError, CancelledError */
export async function listFiles(hub: HubClient, id: string, commit: string, signal?: AbortSignal): Promise<RemoteFile[]> {
  const about = { id, revision: commit };
  const files: RemoteFile[] = [];
  const first = new URL(`api/models/${id}/tree/${commit}?recursive=true`, hub.endpoint);
  let url: URL | undefined = first;
  for (let page = 0; url !== undefined; page++) {
    const { value, next }: { value: Static<typeof treeEntry>[]; next: URL | undefined } = await readJson(hub, url, about, Type.Array(treeEntry), signal);
    for (const entry of value) if (entry.type === 'file') files.push(fileOf(entry, hub.endpoint));
    if (files.length > mostFiles || page >= mostPages) throw strange(phrase`it lists more than ${mostFiles} files`, hub.endpoint);
    if (next !== undefined && next.origin !== first.origin) throw strange(phrase`its list goes on at another address`, hub.endpoint);
    url = next;
  }
  return files;
}

/** Names of branches; none where the hub does not tell. @throws CancelledError */
export async function listBranches(hub: HubClient, id: string, signal?: AbortSignal): Promise<string[]> {
  const { value } = await readJson(hub, new URL(`api/models/${id}/refs`, hub.endpoint), { id, revision: '' }, refsAnswer, signal);
  return value.branches.map(({ name }) => name);
}

/** What is stored with git LFS has the checksum of its content there; what is not has git's own. */
function fileOf({ path, oid, size: bytes, lfs }: Static<typeof treeEntry>, endpoint: URL): RemoteFile {
  const large = lfs?.oid.replace(/^sha256:/, '');
  if (lfs !== undefined && large !== undefined && /^[0-9a-f]{64}$/.test(large)) return { path, size: lfs.size, checksum: { kind: 'sha256', hex: large } };
  if (lfs === undefined && oid !== undefined && /^[0-9a-f]{40}$/.test(oid) && bytes !== undefined) return { path, size: bytes, checksum: { kind: 'git', hex: oid } };
  throw strange(phrase`it gives no checksum of ${path.slice(0, 200)}`, endpoint);
}

async function readJson<T extends Type.TSchema>(
  hub: HubClient, url: URL, about: { readonly id: string; readonly revision: string }, schema: T, signal: AbortSignal | undefined,
): Promise<{ value: Static<T>; next: URL | undefined }> {
  const answer = await hub.get(url, about, { headers: { accept: 'application/json' }, ...(signal && { signal }) });
  const bytes = await readAnswer(answer, mostAnswerBytes, hub.endpoint);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw strange(phrase`it is not JSON`, hub.endpoint);
  }
  if (!hasShape(schema, value)) throw strange(phrase`it does not have the expected shape`, hub.endpoint);
  return { value, next: nextPage(answer.headers.get('link'), url) };
}

/** RFC 8288: `<address>; rel="next"`. */
function nextPage(link: string | null, from: URL): URL | undefined {
  for (const { groups } of (link ?? '').matchAll(/<(?<address>[^<>]*)>(?<parameters>[^<]*)/g)) {
    if (groups !== undefined && /;\s*rel="?next"?/.test(groups.parameters) && URL.canParse(groups.address, from.href)) return new URL(groups.address, from);
  }
  return undefined;
}
