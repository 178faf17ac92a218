import { hubEndpoint } from './endpoint.ts';
import { HubClient } from './hubClient.ts';
import { findToken, type HubToken } from './token.ts';

/** The hub of this machine's environment, with its token. @param token one that people have given, which goes before those of the environment @throws InputError */
export async function openHub(environment: NodeJS.ProcessEnv, token?: HubToken): Promise<HubClient> {
  const found = token ?? await findToken(environment);
  return new HubClient({ endpoint: hubEndpoint(environment), ...(found && { token: found }) });
}
