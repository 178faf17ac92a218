import { CancelledError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { globFilter } from './globs.ts';
import { ConnectionError, strange } from './hubFaults.ts';
import { unreachable, type HubClient } from './hubClient.ts';
import { listBranches, listFiles, resolveRevision, type RemoteFile } from './listing.ts';
import { incomplete, nothingHere, severalPipelines } from './nothingHere.ts';
import { checkPaths } from './remotePath.ts';
import { ownTexts, partsOf, type Part, type PlannedFile } from './repositoryParts.ts';

/** What a pull will fetch; nothing has been fetched yet. */
export interface PullPlan {
  readonly id: string;
  /** As asked for. */
  readonly revision: string;
  /** What that was at the time: all files are of this commit. */
  readonly commit: string;
  readonly kind: Part['kind'];
  /** The folder of the repository that was chosen, `a/b`; `''` for all of it. */
  readonly folder: string;
  readonly files: readonly PlannedFile[];
  /** Of all files. */
  readonly bytes: number;
}

export interface PullRequest {
  readonly id: string;
  /** Branch, tag or commit; left out: `main`. */
  readonly revision?: string;
  /** Only what lies in this folder of the repository is looked at. */
  readonly folder?: string;
  /** Globs, separated by commas; only what fits is looked at. */
  readonly include?: string;
  /** What fits is passed over. */
  readonly exclude?: string;
}

/** What a repository holds at one commit. */
export interface Repository extends Pick<PullPlan, 'id' | 'revision' | 'commit'> {
  /** Its page, which names it in errors. */
  readonly page: string;
  readonly endpoint: URL;
  /** What was asked for, `''` for all of it. */
  readonly folder: string;
  readonly files: readonly RemoteFile[];
  /** All of one kind, at least one. */
  readonly parts: readonly Part[];
}

const mostFiles = 20_000;

/** Ask a hub what a repository holds. @throws InputError where that is nothing of use here, CancelledError */
export async function lookAt(hub: HubClient, request: PullRequest, signal?: AbortSignal): Promise<Repository> {
  try {
    return await look(hub, request, signal);
  } catch (error) {
    throw error instanceof ConnectionError ? unreachable(error) : error;
  }
}

/** What there is to fetch of a repository: its pipeline, or all its SAEs. @throws InputError where it holds several pipelines, CancelledError */
export async function planPull(hub: HubClient, request: PullRequest, signal?: AbortSignal): Promise<PullPlan> {
  const repository = await lookAt(hub, request, signal);
  const { parts, page, folder } = repository;
  const [first] = parts;
  if (first.kind === 'sae') return planSaes(repository);
  if (parts.length > 1) throw severalPipelines(parts, page);
  return plan(repository, { ...first, folder }); // it gets the folder's name, wherever in it it lies
}

/** What fetches some parts: all SAEs in one folder, or each chosen part in one of its own, so that others can join it later. @param parts of the repository @throws InputError */
export function planParts(repository: Repository, parts: readonly Part[]): PullPlan[] {
  const whole = parts.length === repository.parts.length;
  if (whole && parts[0].kind === 'sae') return [planSaes(repository)];
  return parts.map((part) => plan(repository, whole ? { ...part, folder: repository.folder } : part));
}

/** All SAEs, in the folders that they have in the repository: their names may be all that tells sites apart. */
function planSaes(repository: Repository): PullPlan {
  const { folder, parts } = repository;
  const inside = (part: Part): string => (folder === '' ? part.folder : part.folder.slice(folder.length + 1));
  const files = parts.flatMap((part) => part.files.map((file) => ({ ...file, to: inside(part) === '' ? file.to : `${inside(part)}/${file.to}` })));
  return plan(repository, { kind: 'sae', folder, files, missing: [] });
}

function plan({ id, revision, commit, page, endpoint, files: all }: Repository, { kind, folder, files: chosen, missing }: Part): PullPlan {
  if (missing.length > 0) throw incomplete(missing, page);
  const places = new Set(chosen.map(({ to }) => to));
  const files = [...chosen, ...ownTexts(all).filter(({ to }) => !places.has(to) && to !== 'model_index.json')];
  checkPaths(files.map(({ to }) => to), endpoint);
  if (folder !== '') checkPaths([folder], endpoint);
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (files.length > mostFiles || !Number.isSafeInteger(bytes)) throw strange(phrase`it lists ${files.length} files of ${bytes} bytes`, endpoint);
  return { id, revision, commit, kind, folder, files, bytes };
}

async function look(hub: HubClient, { id, revision = 'main', folder = '', include, exclude }: PullRequest, signal: AbortSignal | undefined): Promise<Repository> {
  const { endpoint } = hub;
  const commit = await resolveRevision(hub, { id, revision }, signal);
  const included = include === undefined ? () => true : globFilter(include);
  const excluded = exclude === undefined ? () => false : globFilter(exclude);
  const files = (await listFiles(hub, id, commit, signal)).filter(({ path }) => included(path) && !excluded(path));
  const page = new URL(id, endpoint).href;
  const inside = folder === '' ? files : files.filter(({ path }) => path.startsWith(`${folder}/`));
  const parts = partsOf(inside);
  if (parts.length === 0) throw nothingHere(inside, { id, page, branches: await onnxBranches(hub, id, signal), narrowed: include !== undefined || exclude !== undefined || folder !== '' });
  return { id, revision, commit, page, endpoint, folder, files, parts };
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
