import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { isSafePath } from './remotePath.ts';

/** A repository on a hub, as people name it. */
export interface HubId {
  /** `owner/name`, or the bare name of a few old repositories. */
  readonly id: string;
  /** Branch, tag or commit, where a pasted address names one. */
  readonly revision?: string;
  /** Folder of the repository, `a/b`, where a pasted address names one. */
  readonly folder?: string;
}

/** A part of an id: the hub's own rules, and nothing that a path could be made of. */
const part = /^(?!.*(?:\.\.|--))[A-Za-z0-9_](?:[\w.-]{0,94}[\w])?$/;
const longestRevision = 250;
/** Pages of a repository that stand for a folder of it, or for a file. */
const folderPage = 'tree';
const pages = [folderPage, 'blob', 'resolve'];
const publicHub = /^(?:https?:\/\/)?(?:www\.)?(?:huggingface\.co|hf\.co)\//;

/**
 * Read what people paste: `owner/name`, or the address of a repository's page, of one of its folders or files (`https://<hub>/owner/name/tree/<revision>/<folder>`).
 * @param endpoint whose pages count as addresses, besides the public hub's. @throws InputError
 */
export function parseHubId(text: string, endpoint: URL): HubId {
  const pasted = text.trim();
  const below = pasted.startsWith(endpoint.href) ? pasted.slice(endpoint.href.length) : pasted.replace(publicHub, '');
  const names = below.replace(/[?#].*$/, '').replace(/\/$/, '').split('/');
  const named = names.slice(0, names.length === 1 || pages.includes(names[1]) ? 1 : 2);
  const [page, revision] = [names.at(named.length), names.at(named.length + 1)].map((name) => name && decodeText(name));
  const path = names.slice(named.length + 2).map(decodeText);
  const isPage = below !== pasted && revision !== undefined && (page === folderPage || (pages.includes(page ?? '') && path.length > 0));
  if (!named.every((name) => part.test(name)) || (page !== undefined && !isPage)) {
    throw new InputError(phrase`"${pasted.slice(0, 200)}" names no repository`, { file: endpoint.host, remedy: phrase`Write owner/name, as at the top of the repository's page, or paste the address of that page.` });
  }
  const folder = (page === folderPage ? path : path.slice(0, -1)).join('/');
  return { id: named.join('/'), ...(revision !== undefined && { revision: checkRevision(revision, endpoint) }), ...(folder !== '' && { folder: checkFolder(folder, endpoint) }) };
}

/** A repository, revision and folder as an address that `parseHubId` reads. */
export function hubAddress({ id, revision, folder }: HubId, endpoint: URL): string {
  const below = [id, ...(revision === undefined && folder === undefined ? [] : [folderPage, encodeURIComponent(revision ?? 'main')]), ...(folder?.split('/').map(encodeURIComponent) ?? [])];
  return new URL(below.join('/'), endpoint).href;
}

/** @returns the same revision @throws InputError where no repository can have it */
export function checkRevision(revision: string, endpoint: URL): string {
  // git-check-ref-format(1), and no longer than the hub allows
  if (revision !== '' && revision.length <= longestRevision && /^[\w.+@/-]+$/.test(revision) && !/^[/.-]|\.\.|\/\/|\/\.|@\{|[/.]$/.test(revision)) return revision;
  throw new InputError(phrase`"${revision.slice(0, 200)}" is no revision`, { file: endpoint.host, remedy: phrase`Name a branch, a tag or a commit of the repository; left out, it is "main".` });
}

function checkFolder(folder: string, endpoint: URL): string {
  if (isSafePath(folder)) return folder;
  throw new InputError(phrase`"${folder.slice(0, 200)}" is no folder of a repository`, { file: endpoint.host, remedy: phrase`Open the folder on the repository's page, and paste the address of that page.` });
}

/** The last part of an id, which is what a folder of it is called. */
export function nameOf(id: string): string {
  return id.slice(id.indexOf('/') + 1);
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
