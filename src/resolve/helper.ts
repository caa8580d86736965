import type { Credential } from '../dockerconfig/auth-entry.ts';
import { isSameChecksum, shorten, tripleChecksum } from '../dockerconfig/checksum.ts';
import type { StoredLogin, StoredLogins } from '../dockerconfig/logins.ts';
import type { Managed } from '../dockerconfig/managed.ts';
import type { State } from '../dockerconfig/state.ts';
import { findMadeUser, needsExchange } from '../providers/provider.ts';
import type { Desired } from '../reconcile/desired.ts';
import { isAlive } from '../reconcile/ownership.ts';
import { loginName } from '../registries/keys.ts';
import { parseQuestion, type Question } from '../registries/question.ts';

/** The part of the world on which an answer depends. */
export type Known = {
  readonly found: { readonly desired: readonly Desired[] };
  readonly state: Pick<State, 'config' | 'logins'>;
};

/** If a secret must be made: its login, and the credential to use if that fails. */
export type Answer = {
  readonly credential?: Credential | undefined;
  readonly exchange?: Desired;
  /** You logged out after the triple last changed. */
  readonly isLoggedOut?: boolean;
};

/**
 * Your own login if no newer triple supersedes it, else the triple, else the entry in the file that
 * has not expired (`now` in milliseconds since the epoch). Pure: the caller exchanges keys.
 */
export function findAnswer(question: Question, known: Known, now: number): Answer {
  const desired = findWanted(question, known);
  const stored = known.state.logins.get(question.hostName);
  if (stored && isCurrent(stored.triple, desired)) {
    const { user, secret = '' } = stored;
    if (user === undefined) return { isLoggedOut: true };
    if (isAlive(stored, now)) return { credential: { user, secret } };
  }
  const entry = findEntry(question, known, now);
  const managed = findManaged(question, known);
  const isKept = managed?.isForeign && isCurrent(managed.secret, desired);
  if (desired === undefined || (entry && isKept)) return { credential: entry };
  const { triple } = desired;
  // An entry beside a command is from another login, and beside keys an older token.
  if (triple.command !== undefined) return { exchange: desired };
  if (needsExchange(desired)) return { exchange: desired, credential: entry };
  return { credential: { user: triple.user, secret: triple.password } };
}

/**
 * The most specific login. A credential without a triple counts only if a hook wrote it: it must
 * not replace a triple that this shell lacks.
 */
function findWanted(
  { names }: Question,
  { found: { desired }, state }: Known,
): Desired | undefined {
  const [first] = names.flatMap((name) => desired.find((one) => one.name === name) ?? []);
  if (!first?.triple.isGiven) return first;
  const managed = state.config.records.logins.get(first.name);
  return managed?.ids.includes(first.triple.id) ? first : undefined;
}

/** The ID whose triple would be used, if this shell lacks it. */
export function findAbsentId(question: Question, known: Known): string | undefined {
  return findWanted(question, known) ? undefined : findManaged(question, known)?.ids[0];
}

function findManaged({ names }: Question, { state }: Known): Managed | undefined {
  return names.flatMap((name) => state.config.records.logins.get(name) ?? [])[0];
}

/**
 * Whether a login is newer than the triple: the triple has not changed since, or is not in this
 * shell. A fallback, and a triple from a file, never supersede a login.
 */
function isCurrent(recorded: string | undefined, desired: Desired | undefined): boolean {
  if (recorded === undefined || desired === undefined) return true;
  if (desired.isFallback || desired.triple.file !== undefined) return true;
  return isSameChecksum(recorded, tripleChecksum(desired.name, desired.triple));
}

function findEntry({ keys }: Question, { state }: Known, now: number): Credential | undefined {
  const { auths, records } = state.config;
  const hasEnded = (key: string) =>
    (records.logins.get(loginName(key))?.expiresAt ?? Number.POSITIVE_INFINITY) <= now;
  return keys.flatMap((key) => (hasEnded(key) ? [] : (auths.get(key)?.credential ?? [])))[0];
}

/** Users by key, for the `list` verb: what `get` would return, as far as possible without AWS. */
export function listUsers(known: Known, now: number): Record<string, string> {
  const { config, logins } = known.state;
  const wanted = known.found.desired.flatMap(({ isNamespace, keys }) => (isNamespace ? [] : keys));
  const names = [...config.records.logins.keys(), ...logins.keys()];
  const keys = names.flatMap((name) => parseQuestion(name)?.keys.slice(0, 2) ?? []);
  const users: Record<string, string> = {};
  for (const key of new Set([...wanted, ...keys])) {
    const question = parseQuestion(key);
    const { exchange, credential } = question ? findAnswer(question, known, now) : {};
    const user = exchange ? findMadeUser(exchange) : credential?.user;
    if (user !== undefined) users[key] = user;
  }
  return users;
}

/** Adds a login, or a logout of what is there, with the triple that it supersedes. */
export function recordLogin(
  question: Question,
  login: StoredLogin,
  known: Known,
  isPrebuild: boolean,
): StoredLogins {
  const desired = findWanted(question, known);
  const managed = findManaged(question, known);
  const logins = new Map(known.state.logins);
  logins.delete(question.hostName);
  if (login.user === undefined && !desired && !managed) return logins;
  const sum = desired ? tripleChecksum(desired.name, desired.triple) : managed?.secret;
  // A prebuild's snapshot must not contain anything derived from a secret.
  const triple = isPrebuild ? undefined : shorten(sum);
  return logins.set(question.hostName, triple ? { ...login, triple } : login);
}
