import { CancelledError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { chooseFiles, nothingToFetch, type Choice } from './chooseFiles.ts';
import { globFilter } from './globs.ts';
import { ConnectionError, strange } from './hubFaults.ts';
import { unreachable, type HubClient } from './hubClient.ts';
import { listBranches, listFiles, resolveRevision, type RemoteFile } from './listing.ts';
import { checkPaths } from './remotePath.ts';

/** A file that is to be fetched. */
export interface PlannedFile extends RemoteFile {
  /** Where it will lie in the folder; safe on every system. */
  readonly to: string;
}

/** What a pull will fetch; nothing has been fetched yet. */
export interface PullPlan {
  readonly id: string;
  /** As asked for. */
  readonly revision: string;
  /** What that was at the time: all files are of this commit. */
  readonly commit: string;
  readonly kind: Choice['kind'];
  readonly files: readonly PlannedFile[];
  /** Of all files. */
  readonly bytes: number;
}

export interface PullRequest {
  readonly id: string;
  /** Branch, tag or commit; left out: `main`. */
  readonly revision?: string;
  /** Globs, separated by commas; only what fits is looked at. */
  readonly include?: string;
  /** What fits is passed over. */
  readonly exclude?: string;
}

const mostFiles = 20_000;

/** Ask a hub what a repository holds, and choose what is needed of it. @throws InputError, CancelledError */
export async function planPull(hub: HubClient, request: PullRequest, signal?: AbortSignal): Promise<PullPlan> {
  try {
    return await plan(hub, request, signal);
  } catch (error) {
    throw error instanceof ConnectionError ? unreachable(error) : error;
  }
}

async function plan(hub: HubClient, { id, revision = 'main', include, exclude }: PullRequest, signal: AbortSignal | undefined): Promise<PullPlan> {
  const commit = await resolveRevision(hub, { id, revision }, signal);
  const included = include === undefined ? () => true : globFilter(include);
  const excluded = exclude === undefined ? () => false : globFilter(exclude);
  const files = (await listFiles(hub, id, commit, signal)).filter(({ path }) => included(path) && !excluded(path));
  const page = new URL(id, hub.endpoint).href;
  const choice = chooseFiles(files, page);
  if (choice === undefined) throw nothingToFetch(files, { id, page, branches: await onnxBranches(hub, id, signal), narrowed: include !== undefined || exclude !== undefined });
  const planned = choice.files.map((file) => ({ ...file, to: file.path.slice(choice.root.length) }));
  checkPaths(planned.map(({ to }) => to), hub.endpoint);
  const bytes = planned.reduce((sum, { size }) => sum + size, 0);
  if (planned.length > mostFiles || !Number.isSafeInteger(bytes)) throw strange(phrase`it lists ${planned.length} files of ${bytes} bytes`, hub.endpoint);
  return { id, revision, commit, kind: choice.kind, files: planned, bytes };
}

/** Many repositories keep their exports in a branch of their own. It is only a hint: no trouble with it may hide what it is a hint for. */
async function onnxBranches(hub: HubClient, id: string, signal: AbortSignal | undefined): Promise<string[]> {
  try {
    return (await listBranches(hub, id, signal)).filter((name) => /^[\w.-]*onnx[\w.-]*$/i.test(name)).sort();
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    return [];
  }
}
