import { MAX_LENGTH } from '../secrets/triple.ts';
import { findHostKeys, findNamespaceKeys, loginName } from './keys.ts';
import { MISTYPED, parseServer } from './server.ts';

/** The server in a client's request to a credential helper, or on the command line. */
export type Question = {
  /** Keys of `auths`, the most specific first. */
  readonly keys: readonly string[];
  /** Names of the logins to try, the most specific first and the host's last. */
  readonly names: readonly string[];
  /** The host's own login. */
  readonly hostName: string;
};

/** Parses any client's spelling of a server (docs/clients.md, Credential helpers). */
export function parseQuestion(server: string): Question | undefined {
  // We look up a path once for each of its parts.
  if (server.length > MAX_LENGTH.SERVER) return undefined;
  const parsed = parseServer(server);
  // No client sends a user name with a server, but a link may.
  if (!('server' in parsed) || parsed.server.hasUser) return undefined;
  const { host, namespace, dropped } = parsed.server;
  // A client may read it as another host.
  if (dropped.includes(MISTYPED)) return undefined;
  const segments = namespace?.split('/') ?? [];
  const keys = segments.flatMap((_, index) =>
    findNamespaceKeys(host, segments.slice(0, segments.length - index).join('/')),
  );
  keys.push(...findHostKeys(host));
  return { keys, names: [...new Set(keys.map(loginName))], hostName: loginName(host) };
}
