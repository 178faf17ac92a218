import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';

/** A repository on a hub, as people name it. */
export interface HubId {
  /** `owner/name`, or the bare name of a few old repositories. */
  readonly id: string;
  /** Branch, tag or commit, where a pasted address names one. */
  readonly revision?: string;
}

/** A part of an id: the hub's own rules, and nothing that a path could be made of. */
const part = /^(?!.*(?:\.\.|--))[A-Za-z0-9_](?:[\w.-]{0,94}[\w])?$/;
const longestRevision = 250;

/**
 * Read what people paste: `owner/name`, or the address of a repository's page (`https://<hub>/owner/name/tree/<revision>`).
 * @param endpoint whose pages count as addresses, besides the public hub's. @throws InputError
 */
export function parseHubId(text: string, endpoint: URL): HubId {
  const pasted = text.trim();
  const path = [endpoint.href, 'https://huggingface.co/'].map((page) => (pasted.startsWith(page) ? pasted.slice(page.length) : undefined)).find((rest) => rest !== undefined);
  const [first = '', ...rest] = (path ?? pasted).replace(/[?#].*$/, '').replace(/\/$/, '').split('/');
  const named = rest.length === 0 || rest[0] === 'tree' ? [first] : [first, rest[0]];
  const [tree, revision] = [rest.at(named.length - 1), rest.slice(named.length).join('/')];
  if (!named.every((name) => part.test(name)) || (tree !== undefined && (tree !== 'tree' || revision === '' || path === undefined))) {
    throw new InputError(phrase`"${pasted.slice(0, 200)}" names no repository`, { file: endpoint.host, remedy: phrase`Write owner/name, as at the top of the repository's page, or paste the address of that page.` });
  }
  return { id: named.join('/'), ...(tree !== undefined && { revision: checkRevision(decodeText(revision), endpoint) }) };
}

/** @returns the same revision @throws InputError where no repository can have it */
export function checkRevision(revision: string, endpoint: URL): string {
  // git-check-ref-format(1), and no longer than the hub allows
  if (revision !== '' && revision.length <= longestRevision && /^[\w.+@/-]+$/.test(revision) && !/^[/.-]|\.\.|\/\/|\/\.|@\{|[/.]$/.test(revision)) return revision;
  throw new InputError(phrase`"${revision.slice(0, 200)}" is no revision`, { file: endpoint.host, remedy: phrase`Name a branch, a tag or a commit of the repository; left out, it is "main".` });
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
