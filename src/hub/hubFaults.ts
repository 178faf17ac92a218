import { InputError } from '../base/errors.ts';
import { phrase, type Phrase } from '../base/phrase.ts';

/** What a hub lets in only with a token, or only those who have accepted its terms. */
export class AccessError extends InputError {
  /** What is missing. */
  readonly missing: 'token' | 'terms';
  /** Where it is to be had. */
  readonly page: string;

  constructor(message: Phrase, missing: AccessError['missing'], page: string, fault: { readonly file: string; readonly remedy: Phrase }) {
    super(message, fault);
    this.missing = missing;
    this.page = page;
  }
}

/** The connection broke, or said nothing for too long; asking again may help. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

/** Whom an answer concerns. */
export interface Asked {
  readonly endpoint: URL;
  /** `owner/name`. */
  readonly id: string;
  readonly revision: string;
  /** Whether a token was sent along. */
  readonly withToken: boolean;
}

/** A refusal of a hub as people need it. @param headers the hub's `X-Error-Code` and, where it has no code for something, `X-Error-Message` */
export function refusal(status: number, headers: Headers, { endpoint, id, revision, withToken }: Asked): InputError {
  const file = new URL(id, endpoint).href;
  const page = new URL('settings/tokens', endpoint).href;
  const code = headers.get('x-error-code');
  if (headers.get('x-error-message') === 'Access to this resource is disabled.') {
    return new InputError(phrase`has been disabled by the hub`, { file, remedy: phrase`Its page says why: ${file}. Look for another repository of the same model.` });
  }
  if (code === 'GatedRepo' || (status === 403 && withToken)) {
    return new AccessError(phrase`is open only to those who have accepted its terms`, withToken ? 'terms' : 'token', file, {
      file, remedy: withToken ? phrase`Open ${file}, accept them with the account of your token, and pull again; the token needs read access to this repository.` : phrase`Open ${file} and accept them, then set a token of that account (${page}): HF_TOKEN, or "DMI: Set Hub Token" in the editor.`,
    });
  }
  if (code === 'RevisionNotFound') {
    return new InputError(phrase`has no revision "${revision}"`, { file, remedy: phrase`Name a branch, a tag or a commit of the repository; left out, it is "main".` });
  }
  if (status === 401 && withToken) {
    return new AccessError(phrase`the hub does not accept this token`, 'token', page, { file, remedy: phrase`Make one with read access at ${page}, and set it: HF_TOKEN, or "DMI: Set Hub Token" in the editor.` });
  }
  if (status === 401 || status === 403) {
    return new AccessError(phrase`does not exist, or is not public`, 'token', page, {
      file, remedy: phrase`Check the name. For a private repository set a token with read access (${page}): HF_TOKEN, or "DMI: Set Hub Token" in the editor.`,
    });
  }
  if (status === 404) {
    return new InputError(phrase`does not exist on ${endpoint.host}`, { file, remedy: phrase`Check the name, and whether HF_ENDPOINT names the hub you mean; a private repository needs a token that may read it.` });
  }
  if (status === 429) {
    return new InputError(phrase`${endpoint.host} wants fewer requests for now`, { file, remedy: phrase`Pull again in some minutes: what was loaded is kept. With a token the hub allows more.` });
  }
  return new InputError(phrase`${endpoint.host} answers with status ${status}`, { file, remedy: phrase`Pull again later: what was loaded is kept.` });
}

/** An answer that no hub gives. @param what is wrong with it */
export function strange(what: Phrase, endpoint: URL): InputError {
  return new InputError(phrase`the hub's answer cannot be used: ${what}`, { file: endpoint.host, remedy: phrase`Check that HF_ENDPOINT and the proxy lead to the hub you mean; do not use files from this one otherwise.` });
}
