import { randomBytes, timingSafeEqual } from 'node:crypto';
import { RegistryError } from './token-registry-content.ts';

/** Who may come in, and how they prove it. */
export interface Access {
  scheme: 'bearer' | 'basic';
  /** Host and port, also the name of the token service. */
  host: string;
  users: Record<string, string>;
  tokenLifetimeSeconds: number;
  grants: Map<string, Grant>;
}

interface Grant {
  user: string;
  /** Entries such as `team/app:pull`. */
  permissions: Set<string>;
  expiresAt: number;
}

/** What a request is about to do; without a repository only the login matters. */
export interface Need {
  repository?: string;
  actions: Action[];
}

type Action = 'pull' | 'push';

/** A refusal, with the header that tells the client how to log in. */
export class Refusal extends RegistryError {
  readonly challenge: string;

  constructor(message: string, challenge: string) {
    super(401, 'UNAUTHORIZED', message);
    this.challenge = challenge;
  }
}

/** Returns the user that the header proves; throws a refusal with a challenge otherwise. */
export function authorise(access: Access, header: string | undefined, need: Need): string {
  if (access.scheme === 'basic') {
    const user = findUser(access.users, header);
    if (user === undefined) throw new Refusal('login required', `Basic realm="${access.host}"`);
    return user;
  }
  const token = /^Bearer (?<token>\S+)$/i.exec(header ?? '')?.groups?.token;
  if (token === undefined) throw refuse(access, need);
  const grant = access.grants.get(token);
  if (!grant || grant.expiresAt <= Date.now()) throw refuse(access, need, 'invalid_token');
  const isAllowed = need.actions.every((it) => grant.permissions.has(`${need.repository}:${it}`));
  if (!isAllowed) throw refuse(access, need, 'insufficient_scope');
  return grant.user;
}

/**
 * The token endpoint (distribution's token spec): proves the login, then issues what was asked for
 * and no more.
 */
export function issueToken(
  access: Access,
  header: string | undefined,
  query: URLSearchParams,
): { user: string; body: object } {
  const user = findUser(access.users, header);
  if (user === undefined)
    throw new Refusal('user name or password refused', `Basic realm="${access.host}"`);
  const scopes = query.getAll('scope').flatMap((scope) => scope.split(' '));
  const token = randomBytes(32).toString('base64url');
  access.grants.set(token, {
    user,
    permissions: new Set(scopes.flatMap(permissionsOf)),
    expiresAt: Date.now() + access.tokenLifetimeSeconds * 1000,
  });
  const issuedAt = new Date().toISOString();
  return { user, body: { token, expires_in: access.tokenLifetimeSeconds, issued_at: issuedAt } };
}

/**
 * `repository:team/app:pull,push` becomes `team/app:pull` and `team/app:push`; any other scope
 * grants nothing.
 */
function permissionsOf(scope: string): string[] {
  const { name, actions } = /^repository:(?<name>[^:]+):(?<actions>.+)$/.exec(scope)?.groups ?? {};
  return (actions ?? '')
    .split(',')
    .filter((action) => action === 'pull' || action === 'push')
    .map((action) => `${name}:${action}`);
}

function refuse(access: Access, need: Need, error?: string): Refusal {
  const fields = [`realm="http://${access.host}/token"`, `service="${access.host}"`];
  if (need.repository) fields.push(`scope="repository:${need.repository}:${need.actions}"`);
  if (error) fields.push(`error="${error}"`);
  return new Refusal('authentication required', `Bearer ${fields.join(',')}`);
}

function findUser(users: Record<string, string>, header: string | undefined): string | undefined {
  const encoded = /^Basic (?<encoded>\S+)$/i.exec(header ?? '')?.groups?.encoded;
  const login = Buffer.from(encoded ?? '', 'base64').toString();
  const user = login.split(':', 1)[0] ?? '';
  if (!Object.hasOwn(users, user)) return undefined;
  return isSame(login, `${user}:${users[user]}`) ? user : undefined;
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
