import { type Credential, readEntry } from '../config/auth.ts';
import { needsExchange } from '../ecr/keys.ts';
import type { Claim } from '../registries/claims.ts';
import { GITHUB_TOKEN_ID } from '../registries/github.ts';
import { findHostKeys, findLoginKey, findNamespaceKeys } from '../registries/keys.ts';
import { parseServer } from '../registries/server.ts';
import { fingerprintsOf, isFingerprint, tripleText } from './fingerprint.ts';
import { isAlive, type Ledger, type Login, type Row } from './ledger.ts';

/** What a client asks a credential helper for, in the words of our keys. */
export type Question = {
  /** The most specific first. */
  readonly keys: readonly string[];
  readonly loginKey: string;
  readonly host: string;
};

/** Everything that an answer may come from. */
export type Known = {
  readonly claims: readonly Claim[];
  readonly ledger: Ledger;
  /** JSON text of each entry. */
  readonly auths: ReadonlyMap<string, string>;
};

/**
 * The answer; or the claim whose keys must be exchanged first, with the answer where that fails; or
 * nothing.
 */
export type Answer = {
  readonly credential?: Credential | undefined;
  readonly exchange?: Claim;
  /** By the user, since the triple last changed. */
  readonly isLoggedOut?: boolean;
};

/**
 * A host name has at most 253 characters and a repository 255; a path is looked up once for each of
 * its parts.
 */
const MAX_SERVER_LENGTH = 1024;

/**
 * Understands any client's spelling of a server (clients.md section 8); undefined where it names no
 * host.
 */
export function parseQuestion(server: string): Question | undefined {
  if (server.length > MAX_SERVER_LENGTH) return undefined;
  const parsed = parseServer(server);
  // What asks for a user too asks for more than a host: nobody's clients do, but links may.
  if (!('server' in parsed) || parsed.server.hasUser) return undefined;
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
 * The user's own login that no newer triple supersedes, else the triple, else the entry in the file
 * that has not expired (`now` in milliseconds since the epoch). Pure: an exchange is the caller's.
 */
export function findAnswer(question: Question, known: Known, now: number): Answer {
  const { ledger } = known;
  const claim = findClaim(question, known);
  const login = ledger.logins[question.loginKey];
  const isLogout = login && login.user === undefined;
  if (login && (isLogout || isAlive(login, now)) && isCurrent(login.triple, ledger, claim)) {
    const { user = '', secret = '' } = login;
    return isLogout ? { isLoggedOut: true } : { credential: { user, secret } };
  }
  const entry = findEntry(question, known, now);
  const row = findRow(question, known);
  if (entry && row?.theirs && isCurrent(row.triple, ledger, claim)) return { credential: entry };
  if (claim === undefined) return { credential: entry };
  const { triple, registry } = claim;
  if (needsExchange(registry, triple)) return { exchange: claim, credential: entry };
  return { credential: { user: triple.user, secret: triple.password } };
}

/**
 * The claim on the most specific of the keys. GitHub's own token stands only where a hook put it:
 * it must not take the place of a triple that this shell lacks.
 */
function findClaim({ keys }: Question, { claims, ledger }: Known): Claim | undefined {
  const claim = keys.flatMap((key) => claims.find((one) => one.key === key) ?? [])[0];
  if (claim?.triple.id !== GITHUB_TOKEN_ID) return claim;
  return ledger.rows[claim.key]?.id === GITHUB_TOKEN_ID ? claim : undefined;
}

/** Whose secrets would be the answer, in a shell that lacks them. */
export function findAbsentId(question: Question, known: Known): string | undefined {
  return findClaim(question, known) ? undefined : findRow(question, known)?.id;
}

function findRow({ keys }: Question, { ledger }: Pick<Known, 'ledger'>): Row | undefined {
  return keys.flatMap((key) => ledger.rows[key] ?? [])[0];
}

/**
 * Whether a login is newer than the triple: the triple is still the one it was made over, or not in
 * this shell at all. A file's triple is never the newer statement (design.md 5).
 */
function isCurrent(
  recorded: string | undefined,
  ledger: Ledger,
  claim: Claim | undefined,
): boolean {
  if (claim === undefined || claim.triple.id === GITHUB_TOKEN_ID) return true;
  if (claim.triple.file !== undefined) return true;
  if (recorded === undefined) return ledger.rows[claim.key]?.triple === undefined;
  return isFingerprint(recorded, tripleText(claim.triple), ledger.secret);
}

/** The credential in `auths`, unless the ledger knows that it has expired. */
function findEntry(
  { keys }: Question,
  { auths, ledger }: Known,
  now: number,
): Credential | undefined {
  return keys.flatMap((key) => {
    const isExpired = (ledger.rows[key]?.expiresAt ?? Number.POSITIVE_INFINITY) <= now;
    return (isExpired ? undefined : readEntry(auths.get(key))) ?? [];
  })[0];
}

/**
 * User names by key, as the `list` verb answers: what `get` would answer for each, as far as that
 * is known without asking AWS.
 */
export function listUsers(known: Known, now: number): Record<string, string> {
  const { claims, ledger } = known;
  const hostKeys = claims.filter(({ use }) => use === 'host').map(({ key }) => key);
  const keys = new Set([...hostKeys, ...Object.keys(ledger.rows), ...Object.keys(ledger.logins)]);
  return Object.fromEntries(
    [...keys].flatMap((key) => {
      const question = parseQuestion(key);
      const answer = question ? findAnswer(question, known, now) : {};
      const user = answer.exchange ? 'AWS' : answer.credential?.user;
      return user === undefined ? [] : [[key, user]];
    }),
  );
}

/** What a login meets. */
type Recording = {
  readonly claims: readonly Claim[];
  readonly isPrebuild: boolean;
  /** For a ledger that has no key yet. */
  readonly newKey: string;
};

/**
 * The ledger with a login, or with a logout where there is something to log out of, and with the
 * triple that it is newer than; undefined where nothing changes.
 */
export function recordLogin(
  ledger: Ledger,
  question: Question,
  login: Login,
  { claims, isPrebuild, newKey }: Recording,
): Ledger | undefined {
  const known = { claims, ledger, auths: new Map() };
  const claim = findClaim(question, known);
  const row = findRow(question, known);
  const { [question.loginKey]: old, ...others } = ledger.logins;
  if (login.user === undefined && !claim && !row) {
    return old ? { ...ledger, logins: others } : undefined;
  }
  const marks = fingerprintsOf(ledger.secret, newKey);
  // A prebuild's snapshot must hold no fingerprint; its rows have none afterwards either.
  const isUnmarked = isPrebuild || (row !== undefined && row.triple === undefined);
  const triple = claim && !isUnmarked ? marks.take(tripleText(claim.triple)) : row?.triple;
  const secret = marks.key();
  return {
    ...ledger,
    ...(secret === undefined ? {} : { secret }),
    logins: { ...others, [question.loginKey]: triple ? { ...login, triple } : login },
  };
}
