import {
  type AuthEntry,
  BLANK,
  type Credential,
  makeEntry,
  meaningOfCredential,
} from '../dockerconfig/auth-entry.ts';
import { entryChecksum, isSameChecksum, tripleChecksum } from '../dockerconfig/checksum.ts';
import type { StoredLogin } from '../dockerconfig/logins.ts';
import { isDamaged, type Managed } from '../dockerconfig/managed.ts';
import { isExpired } from '../providers/find.ts';
import { needsExchange } from '../providers/provider.ts';
import { findAllKeys, isAlias } from '../registries/keys.ts';
import type { Desired } from './desired.ts';
import type { Context, CredentialsMode, Request } from './request.ts';
import { isAlive } from './state.ts';

/** Our name in `credHelpers`: docker runs `docker-credential-registry-auth` for it. */
export const HELPER = 'registry-auth';

/**
 * What an entry is to its login. `none` is no entry, or a token that has expired; `blank` has no
 * user; a `placeholder` is an account of GitHub's, which comes back when ours goes.
 */
export type Owner = 'none' | 'blank' | 'ours' | 'placeholder' | 'foreign';

/** One key of a login: what config.json holds there, and in JSON what ours replaced there. */
export type Key = {
  readonly key: string;
  /** What belongs there by the triple: an entry, only our helper, or nothing. */
  readonly use: 'entry' | 'alias' | 'unused';
  readonly owner: Owner;
  readonly entry: AuthEntry | undefined;
  readonly helper: string | undefined;
  readonly previousEntry: string | undefined;
  readonly previousHelper: string | undefined;
};

/** One login with all that a decision looks at: desired, observed and managed, side by side. */
export type Login = Context & {
  readonly name: string;
  readonly desired: Desired | undefined;
  readonly managed: Managed | undefined;
  /** What clients shall log in with; undefined where nothing is desired, or no token was had. */
  readonly credential: Credential | undefined;
  /** The meaning of its entry, and the checksum of the triple. */
  readonly meaning: string | undefined;
  readonly sum: string | undefined;
  /** Where its secret may rest: what a command makes, nowhere. */
  readonly mode: CredentialsMode;
  readonly keys: readonly Key[];
  /** A login by hand through our helper, while that is at a key; while it lives, as an entry. */
  readonly stored: StoredLogin | undefined;
  readonly live: object | undefined;
};

type Unjudged = Omit<Login, 'keys' | 'stored' | 'live'>;

/** Looks one login up, and judges every key of it. */
export function findLogin(name: string, { state, request }: Context): Login {
  const desired = request.desired.find((one) => one.name === name);
  const managed = state.config.records.logins.get(name);
  const credential = desired && findCredential(desired, request);
  const meaning = credential && meaningOfCredential(credential);
  const sum = desired && tripleChecksum(name, desired.triple);
  const mode = desired?.triple.command === undefined ? request.mode : 'helper';
  const login = { name, desired, managed, credential, meaning, sum, mode, state, request };
  const keys = findKeys(login);
  const stored = keys.some(({ helper }) => helper === HELPER) ? state.logins.get(name) : undefined;
  const { user = '', secret = '' } = stored ?? {};
  const live = stored && isAlive(stored, request.now) ? makeEntry({ user, secret }) : undefined;
  return Object.assign(login, { keys, stored, live });
}

function findCredential({ triple, registry }: Desired, request: Request): Credential | undefined {
  if (!needsExchange(registry, triple)) return { user: triple.user, secret: triple.password };
  const token = request.credentials.get(triple.id);
  return token === 'unavailable' ? undefined : token;
}

/** The keys that are wanted, then those at which something of ours may be. */
function findKeys(login: Unjudged): Key[] {
  const { name, desired, state } = login;
  const { auths, credHelpers, records } = state.config;
  const wanted = desired?.keys ?? [];
  const keys: Key[] = [];
  for (const key of new Set(wanted.concat(findAllKeys(name)))) {
    const use = wanted.includes(key) ? 'entry' : isAlias(key) ? 'alias' : 'unused';
    const entry = auths.get(key);
    const helper = credHelpers.get(key);
    const previousEntry = records.previous.get(`auths ${key}`);
    const previousHelper = records.previous.get(`credHelpers ${key}`);
    const isEmpty = (entry ?? helper ?? previousEntry ?? previousHelper) === undefined;
    if (desired && use === 'unused' && isEmpty) continue;
    const owner = findOwner(entry, login);
    keys.push({ key, use, owner, entry, helper, previousEntry, previousHelper });
  }
  return keys;
}

/** The one answer to "whose is it?", for every command. */
function findOwner(entry: AuthEntry | undefined, login: Unjudged): Owner {
  if (entry === undefined) return 'none';
  const { name, managed, request } = login;
  const { meaning, credential } = entry;
  if (meaning === login.meaning) return 'ours';
  if (meaning === BLANK) return 'blank';
  if (managed?.entry && isSameChecksum(managed.entry, entryChecksum(name, meaning))) return 'ours';
  if (credential === undefined) return 'foreign';
  if (isExpired(credential, request.now)) return 'none';
  return findGithubsOwn(credential, login);
}

/** What GitHub writes by itself; into a file without any record of ours also copies of old ones. */
function findGithubsOwn(found: Credential, { desired, state, request }: Unjudged): Owner {
  if (!desired) return 'foreign';
  const { triple, registry } = desired;
  const own = registry.provider.writtenByCodespaces?.(found, triple, request.environment);
  if (own === 'lasting') return 'placeholder';
  const hasRecord = state.config.records.logins.size > 0;
  const mayBeCopy = request.isCodespace && !hasRecord && !triple.isGiven;
  return own === 'expiring' || (mayBeCopy && found.user === triple.user) ? 'ours' : 'foreign';
}

/** Whether what stands there is ours to change and to take away. */
export function isOurs({ owner }: Key): boolean {
  return owner === 'ours' || owner === 'placeholder';
}

export function hasForeignHelper({ helper }: Key): boolean {
  return helper !== undefined && helper !== HELPER;
}

/**
 * Whether a foreign login is there: at one key is enough, so that every client sees the same user.
 * Where our helper stands for all, entries decide nothing: every client asks it first.
 */
export function isForeign({ keys, live, mode, request }: Login): boolean {
  const areEntriesRead = mode === 'file' || !request.canUseHelper;
  const atKey = (key: Key) =>
    key.use === 'entry' && (hasForeignHelper(key) || (areEntriesRead && key.owner === 'foreign'));
  return live !== undefined || keys.some(atKey);
}

/** Whether the triple is the one that had effect last, or that a login by hand was made over. */
export function isAsItWas({ managed, stored, live, sum, request }: Login): boolean {
  if (sum === undefined) return false;
  // One that was made where no triple was to be seen is newer than whatever there is.
  if (live !== undefined) return isSameChecksum(stored?.triple ?? sum, sum);
  if (!managed) return false;
  if (managed.secret) return isSameChecksum(managed.secret, sum);
  // What cannot be understood costs no login; and a prebuild remembers no secret.
  return isDamaged(managed) || (managed.isForeign && request.isPrebuild);
}
