import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';

const publicHub = 'https://huggingface.co/';

/** The hub that `HF_ENDPOINT` names, or the public one; its address ends with a slash. @throws InputError where it is no address */
export function hubEndpoint(environment: NodeJS.ProcessEnv): URL {
  const text = environment.HF_ENDPOINT?.trim() ?? '';
  if (text === '') return new URL(publicHub);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    // not shown: it may hold a password
    throw new InputError(phrase`is not the address of a hub`, { file: 'HF_ENDPOINT', remedy: phrase`Write it as https://hub.example.org, without a name or password, or unset it.` });
  }
  return new URL(`${url.origin}${url.pathname.replace(/\/*$/, '/')}`);
}

/** Whether what is sent there can be read on the way: a token is sent only where not. */
export function isPrivate(url: URL): boolean {
  return url.protocol === 'https:' || /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
}
