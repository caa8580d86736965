import { decodeAuth } from './auth.ts';
import type { Ledger, Login as LedgerLogin, Row } from './ledger.ts';
import { IDENTITY_TOKEN_USER, isExpiredLogin } from './place.ts';
import { type Claim, findLoginKey, type Registry } from './registry.ts';
import { findHostKeys, findNamespaceKeys, parseServer } from './server.ts';
import { fingerprintTriple, GITHUB_TOKEN_ID, needsExchange } from './wanted.ts';

/** What a client asks a credential helper for, in the words of our keys. */
export type Asked = {
  /** The most specific first. */
  readonly keys: readonly string[];
  readonly loginKey: string;
  readonly host: string;
};

/** Everything that an answer may come from. */
export type Known = {
  readonly claims: readonly Claim[];
  readonly ledger: Ledger | undefined;
  readonly auths: Readonly<Record<string, unknown>>;
};

export type Login = { readonly user: string; readonly secret: string };

/** The answer; or the registry whose keys must be exchanged first, with the answer where that fails; or nothing. */
export type Answer = {
  readonly login?: Login | undefined;
  readonly exchange?: Registry;
  /** By the user, since the triple last changed. */
  readonly isLoggedOut?: boolean;
};

/** A host name has at most 253 characters and a repository 255; a path is looked up once for each of its parts. */
const MAX_SERVER_LENGTH = 1024;

/** Understands any client's spelling of a server (clients.md section 8); undefined where it names no host. */
export function parseAsked(server: string): Asked | undefined {
  if (server.length > MAX_SERVER_LENGTH) return undefined;
  const parsed = parseServer(server);
  if (!('server' in parsed)) return undefined;
  const { host, namespace } = parsed.server;
  const segments = namespace?.split('/') ?? [];
  const namespaces = segments.map((_, index) =>
    segments.slice(0, segments.length - index).join('/'),
  );
  const keys = [
    ...namespaces.flatMap((name) => findNamespaceKeys(host, name)),
    ...findHostKeys(host),
  ];
  return { keys, loginKey: findLoginKey(host), host };
}

/**
 * The user's own login that no newer triple supersedes, else the triple, else the entry in the file that has not expired (`now` in milliseconds since the
 * epoch). Pure: an exchange is the caller's.
 */
export function findAnswer(asked: Asked, known: Known, now: number): Answer {
  const { ledger } = known;
  const claim = findClaim(asked, known);
  const made = ledger?.logins[asked.loginKey];
  if (ledger && made && !isExpiredLogin(made, now) && isCurrent(made.triple, ledger, claim)) {
    return made.user === undefined
      ? { isLoggedOut: true }
      : { login: { user: made.user, secret: made.secret ?? '' } };
  }
  const entry = findEntry(asked.keys, known, now);
  const row = findRow(asked, known);
  if (entry && ledger && row?.kept && isCurrent(row.triple, ledger, claim)) return { login: entry };
  if (claim === undefined) return { login: entry };
  const { triple } = claim.registry;
  if (needsExchange(claim.registry)) return { exchange: claim.registry, login: entry };
  return { login: { user: triple.user, secret: triple.password } };
}

/**
 * The claim on the most specific of the keys. GitHub's own token stands only where a hook put it: it must not take the place of a triple that
 * this shell lacks.
 */
export function findClaim({ keys }: Asked, { claims, ledger }: Known): Claim | undefined {
  const claim = keys.flatMap((key) => claims.find((one) => one.key === key) ?? [])[0];
  if (claim?.registry.triple.id !== GITHUB_TOKEN_ID) return claim;
  return ledger?.rows[claim.key]?.id === GITHUB_TOKEN_ID ? claim : undefined;
}

export function findRow({ keys }: Asked, { ledger }: Known): Row | undefined {
  return keys.flatMap((key) => ledger?.rows[key] ?? [])[0];
}

/** Whether a login is newer than the triple: the triple is still the one it was made over, or not in this shell at all. */
function isCurrent(
  recorded: string | undefined,
  ledger: Ledger,
  claim: Claim | undefined,
): boolean {
  if (claim === undefined || claim.registry.triple.id === GITHUB_TOKEN_ID) return true;
  if (recorded === undefined && ledger.rows[claim.key]?.triple === undefined) return true;
  return recorded === fingerprintTriple(ledger, claim.registry.triple);
}

/** The credential in `auths`, unless the ledger knows that it has expired. */
export function findEntry(
  keys: readonly string[],
  { auths, ledger }: Known,
  now: number,
): Login | undefined {
  for (const key of keys) {
    const { auth, identitytoken: token } = Object(auths[key]) as Record<string, unknown>;
    if (typeof token === 'string' && token !== '')
      return { user: IDENTITY_TOKEN_USER, secret: token };
    const isExpired = (ledger?.rows[key]?.expiresAt ?? Number.POSITIVE_INFINITY) <= now;
    const decoded = typeof auth === 'string' && !isExpired ? decodeAuth(auth) : undefined;
    if (decoded) return { user: decoded.user, secret: decoded.password };
  }
  return undefined;
}

/** User names by key, as the `list` verb answers: what `get` would answer for each, as far as that is known without asking AWS. */
export function listUsers(known: Known, now: number): Record<string, string> {
  const { claims, ledger } = known;
  const hostKeys = claims.filter(({ isHostKey }) => isHostKey).map(({ key }) => key);
  const keys = new Set([
    ...hostKeys,
    ...Object.keys(ledger?.rows ?? {}),
    ...Object.keys(ledger?.logins ?? {}),
  ]);
  return Object.fromEntries(
    [...keys].flatMap((key) => {
      const asked = parseAsked(key);
      const answer = asked ? findAnswer(asked, known, now) : {};
      const user = answer.exchange ? 'AWS' : answer.login?.user;
      return user === undefined ? [] : [[key, user]];
    }),
  );
}

type Made = { readonly asked: Asked; readonly login: LedgerLogin; readonly known: Known };

/** The ledger with a login, or with a logout where there is something to log out of, and with the triple that it is newer than; undefined where nothing changes. */
export function recordLogin(ledger: Ledger, { asked, login, known }: Made): Ledger | undefined {
  const claim = findClaim(asked, { ...known, ledger });
  const row = findRow(asked, { ...known, ledger });
  // After a prebuild a row has no fingerprint, and a snapshot must hold none.
  const isFromPrebuild = row !== undefined && row.triple === undefined;
  const triple =
    claim && !isFromPrebuild ? fingerprintTriple(ledger, claim.registry.triple) : row?.triple;
  const { [asked.loginKey]: old, ...others } = ledger.logins;
  const isPointless = login.user === undefined && !claim && !row;
  if (isPointless) return old ? { ...ledger, logins: others } : undefined;
  const made = { ...login, ...(triple ? { triple } : {}) };
  return { ...ledger, logins: { ...others, [asked.loginKey]: made } };
}
