import { MAX_LENGTH } from '../secrets/triple.ts';
import { findHostKeys, findNamespaceKeys, loginName } from './keys.ts';
import { parseServer } from './server.ts';

/** What a client asks a credential helper for, or a person names on the command line. */
export type Question = {
  readonly host: string;
  /** Keys of `auths`, the most specific first. */
  readonly keys: readonly string[];
  /** Names of the logins that may answer, the most specific first; the host's is the last. */
  readonly names: readonly string[];
  /** The host's own login. */
  readonly hostName: string;
};

/** Any client's spelling of a server (docs/clients.md, Credential helpers), if it names a host. */
export function parseQuestion(server: string): Question | undefined {
  // A path is looked up once for each of its parts.
  if (server.length > MAX_LENGTH.SERVER) return undefined;
  const parsed = parseServer(server);
  // What asks for a user too asks for more than a host: nobody's clients do, but links may.
  if (!('server' in parsed) || parsed.server.hasUser) return undefined;
  const { host, namespace } = parsed.server;
  const segments = namespace?.split('/') ?? [];
  const keys = segments.flatMap((_, index) =>
    findNamespaceKeys(host, segments.slice(0, segments.length - index).join('/')),
  );
  keys.push(...findHostKeys(host));
  return { host, keys, names: [...new Set(keys.map(loginName))], hostName: loginName(host) };
}
