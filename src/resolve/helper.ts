import type { Credential } from '../dockerconfig/auth-entry.ts';
import { isSameChecksum, SHORT_LENGTH, tripleChecksum } from '../dockerconfig/checksum.ts';
import type { StoredLogin, StoredLogins } from '../dockerconfig/logins.ts';
import type { Managed } from '../dockerconfig/managed.ts';
import { findMadeUser, needsExchange } from '../providers/provider.ts';
import type { Desired } from '../reconcile/desired.ts';
import { isAlive, type State } from '../reconcile/state.ts';
import { loginName } from '../registries/keys.ts';
import { parseQuestion, type Question } from '../registries/question.ts';

export type Known = {
  readonly desired: readonly Desired[];
  readonly state: Pick<State, 'config' | 'logins'>;
};

/** With an exchange the login whose keys are exchanged first, and the answer where that fails. */
export type Answer = {
  readonly credential?: Credential | undefined;
  readonly exchange?: Desired;
  /** By the user, since the triple last changed. */
  readonly isLoggedOut?: boolean;
};

/**
 * The user's own login that no newer triple supersedes, else the triple, else the entry in the file
 * that has not expired (`now` in milliseconds since the epoch). Pure: an exchange is the caller's.
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
  const { triple, registry } = desired;
  // An entry beside a command is another login's, and beside keys an older token.
  if (triple.command !== undefined) return { exchange: desired };
  if (needsExchange(registry, triple)) return { exchange: desired, credential: entry };
  return { credential: { user: triple.user, secret: triple.password } };
}

/**
 * The login of the most specific name. What an environment holds without a triple stands only where
 * a hook put it: it must not take the place of a triple that this shell lacks.
 */
function findWanted({ names }: Question, { desired, state }: Known): Desired | undefined {
  const [first] = names.flatMap((name) => desired.find((one) => one.name === name) ?? []);
  if (!first?.triple.isGiven) return first;
  const managed = state.config.records.logins.get(first.name);
  return managed?.ids.includes(first.triple.id) ? first : undefined;
}

/** Whose secrets would be the answer, in a shell that lacks them. */
export function findAbsentId(question: Question, known: Known): string | undefined {
  return findWanted(question, known) ? undefined : findManaged(question, known)?.ids[0];
}

function findManaged({ names }: Question, { state }: Known): Managed | undefined {
  return names.flatMap((name) => state.config.records.logins.get(name) ?? [])[0];
}

/**
 * Whether a login is newer than the triple: the triple is still the one it was made over, or not in
 * this shell at all. A fallback, and a file's triple, are never the newer statement.
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

/** By key, as the `list` verb answers: what `get` would, as far as that is known without AWS. */
export function listUsers(known: Known, now: number): Record<string, string> {
  const { config, logins } = known.state;
  const wanted = known.desired.flatMap(({ isNamespace, keys }) => (isNamespace ? [] : keys));
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

/** The logins with one more, or a logout of what is there, and the triple it is newer than. */
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
  // A prebuild's snapshot must hold nothing that is derived from a secret.
  const triple = isPrebuild ? undefined : sum?.slice(0, SHORT_LENGTH);
  return logins.set(question.hostName, triple ? { ...login, triple } : login);
}
