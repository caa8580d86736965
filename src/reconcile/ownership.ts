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
import { ALIASES, findAllKeys } from '../registries/keys.ts';
import type { Desired } from './desired.ts';
import type { Context, CredentialsMode, Request } from './request.ts';

/** Our name in `credHelpers`: docker runs `docker-credential-registry-auth` for it. */
export const HELPER = 'registry-auth';

/**
 * Who made an entry. `none`: there is none, or its token has expired. `blank`: it has no user.
 * `placeholder`: an account of GitHub's, restored when we remove ours.
 */
export type Owner = 'none' | 'blank' | 'ours' | 'placeholder' | 'foreign';

/** One key of a login: what config.json holds there now, and as JSON what ours replaced. */
export type Key = {
  readonly key: string;
  /** What the triple needs there: an entry, only our helper, or nothing. */
  readonly use: 'entry' | 'alias' | 'unused';
  readonly owner: Owner;
  readonly entry: AuthEntry | undefined;
  readonly helper: string | undefined;
  readonly previousEntry: string | undefined;
  readonly previousHelper: string | undefined;
};

/** One login with everything a decision needs: desired, observed and record. */
export type Login = Context & {
  readonly name: string;
  readonly desired: Desired | undefined;
  readonly managed: Managed | undefined;
  /** What clients should log in with; undefined if nothing is desired, or we got no token. */
  readonly credential: Credential | undefined;
  /** The meaning of its entry, and the checksum of the triple. */
  readonly meaning: string | undefined;
  readonly sum: string | undefined;
  /** Where its secret may be kept; a command's output, nowhere. */
  readonly mode: CredentialsMode;
  readonly keys: readonly Key[];
  /** The stored login, if a key has our helper; its entry, unless it is a logout or expired. */
  readonly stored: StoredLogin | undefined;
  readonly live: object | undefined;
};

type Unjudged = Omit<Login, 'keys' | 'stored' | 'live'>;

/** Looks up one login, and the owner of each entry. */
export function findLogin(name: string, { state, request }: Context): Login {
  const desired = request.desired.get(name);
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

function findCredential(desired: Desired, request: Request): Credential | undefined {
  const { triple } = desired;
  if (!needsExchange(desired)) return { user: triple.user, secret: triple.password };
  const token = request.credentials.get(triple.id);
  return token === 'unavailable' ? undefined : token;
}

/** The desired keys, then others that may hold something of ours. */
function findKeys(login: Unjudged): Key[] {
  const { name, desired, state } = login;
  const { auths, credHelpers, records } = state.config;
  const wanted = desired?.keys ?? [];
  const keys: Key[] = [];
  for (const key of new Set(wanted.concat(findAllKeys(name)))) {
    const use = wanted.includes(key) ? 'entry' : ALIASES.includes(key) ? 'alias' : 'unused';
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

/** Every command uses this to find who owns an entry. */
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

/** Entries that Codespaces writes by itself; if the file has no record, also copies of triples. */
function findGithubsOwn(found: Credential, { desired, state, request }: Unjudged): Owner {
  if (!desired) return 'foreign';
  const { triple, registry } = desired;
  const own = registry.provider.writtenByCodespaces?.(found, triple, request.environment);
  if (own === 'lasting') return 'placeholder';
  const hasRecord = state.config.records.logins.size > 0;
  const mayBeCopy = request.isCodespace && !hasRecord && !triple.isGiven;
  return own === 'expiring' || (mayBeCopy && found.user === triple.user) ? 'ours' : 'foreign';
}

/** False for a logout or an expired token. */
export function isAlive({ user, secret = '' }: StoredLogin, now: number): boolean {
  return user !== undefined && !isExpired({ user, secret }, now);
}

/** Whether we may change and remove the entry. */
export function isOurs({ owner }: Key): boolean {
  return owner === 'ours' || owner === 'placeholder';
}

export function hasForeignHelper({ helper }: Key): boolean {
  return helper !== undefined && helper !== HELPER;
}

/**
 * Whether any key has a foreign login: all clients must log in as the same user. If our helper
 * answers for all keys, entries do not count: every client runs it first.
 */
export function isForeign({ keys, live, mode, request }: Login): boolean {
  const areEntriesRead = mode === 'file' || !request.canUseHelper;
  const atKey = (key: Key) =>
    key.use === 'entry' && (hasForeignHelper(key) || (areEntriesRead && key.owner === 'foreign'));
  return live !== undefined || keys.some(atKey);
}

/** Whether the triple is unchanged since it last had effect, or since a stored login was made. */
export function isAsItWas({ managed, stored, live, sum, request }: Login): boolean {
  if (sum === undefined) return false;
  // A stored login made without the secrets is newer than any triple.
  if (live !== undefined) return isSameChecksum(stored?.triple ?? sum, sum);
  if (!managed) return false;
  if (managed.secret) return isSameChecksum(managed.secret, sum);
  // A damaged record must cost no login, and a prebuild's record has no checksum.
  return isDamaged(managed) || (managed.isForeign && request.isPrebuild);
}
