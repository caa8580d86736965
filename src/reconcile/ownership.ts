import {
  type AuthEntry,
  type Credential,
  makeEntry,
  meaningOfCredential,
  NOBODY,
} from '../dockerconfig/auth-entry.ts';
import { entryChecksum, isSameChecksum, tripleChecksum } from '../dockerconfig/checksum.ts';
import type { StoredLogin } from '../dockerconfig/logins.ts';
import { isDamaged, type Managed } from '../dockerconfig/managed.ts';
import { findAllKeys } from '../domain/registries/keys.ts';
import { isExpired, isGiven } from '../providers/find.ts';
import { needsExchange } from '../providers/provider.ts';
import type { Desired } from './desired.ts';
import type { Context } from './request.ts';
import { isAlive } from './state.ts';

/** Our name in `credHelpers`: docker runs `docker-credential-registry-auth` for it. */
export const HELPER = 'registry-auth';

/** What config.json holds at a key, and in JSON what ours replaced there. */
export type Observed = {
  readonly entry: AuthEntry | undefined;
  readonly helper: string | undefined;
  readonly previousEntry: string | undefined;
  readonly previousHelper: string | undefined;
};

/**
 * What an entry is to its login. `none` is no entry, or a token that has expired; `blank` names
 * nobody. Of what is ours, `wanted` is what would be written, and a `placeholder` is an account of
 * GitHub's, which comes back when ours goes.
 */
export type Owner = 'none' | 'blank' | 'wanted' | 'ours' | 'placeholder' | 'foreign';

/** One key of a login; `use` is what the triple wants there: an entry, only our helper, nothing. */
export type Key = {
  readonly key: string;
  readonly use: 'entry' | 'alias' | 'unused';
  readonly observed: Observed;
  readonly owner: Owner;
};

/** One login with all that a decision looks at: desired, observed and managed, side by side. */
export type Login = Context & {
  readonly name: string;
  readonly desired: Desired | undefined;
  readonly managed: Managed | undefined;
  readonly keys: readonly Key[];
  /** What clients shall log in with; undefined where nothing is desired, or no token was had. */
  readonly credential: Credential | undefined;
  /** A login by hand through our helper, while that is at a key; while it lives, as an entry. */
  readonly stored: StoredLogin | undefined;
  readonly live: object | undefined;
};

/** Looks one login up, and judges every key of it. */
export function findLogin(name: string, desired: Desired | undefined, context: Context): Login {
  const { state, request } = context;
  const { config, logins } = state;
  const managed = config.records.logins.get(name);
  const credential = desired && credentialOf(desired, context);
  const wanted = credential && meaningOfCredential(credential);
  const sides = { name, desired, managed, wanted, state, request };
  const used = desired ? desired.keys.concat(desired.aliases) : [];
  const keyOf = (key: string): Key => {
    const observed = findObserved(key, context);
    const use = desired?.keys.includes(key) ? 'entry' : used.includes(key) ? 'alias' : 'unused';
    return { key, use, observed, owner: readOwner(observed.entry, sides) };
  };
  // The keys that are wanted, then those at which something of ours may be.
  const isOther = (key: string) => !used.includes(key) && !(desired && isEmpty(key, context));
  const keys = used.concat(findAllKeys(name).filter(isOther)).map(keyOf);
  const stored = keys.some(hasOurHelper) ? logins.get(name) : undefined;
  const { user = '', secret = '' } = stored ?? {};
  const live = stored && isAlive(stored, request.now) ? makeEntry({ user, secret }) : undefined;
  return { name, desired, managed, keys, credential, stored, live, state, request };
}

function credentialOf({ triple, registry }: Desired, { request }: Context): Credential | undefined {
  if (!needsExchange(registry, triple)) return { user: triple.user, secret: triple.password };
  const token = request.credentials.get(triple.id);
  return token === 'unavailable' ? undefined : token;
}

function findObserved(key: string, { state }: Context): Observed {
  const { auths, credHelpers, records } = state.config;
  return {
    entry: auths.get(key),
    helper: credHelpers.get(key),
    previousEntry: records.previous.get(`auths ${key}`),
    previousHelper: records.previous.get(`credHelpers ${key}`),
  };
}

function isEmpty(key: string, context: Context): boolean {
  return Object.values(findObserved(key, context)).every((value) => value === undefined);
}

/** Of a login; `wanted` is the meaning of what would be written. */
type Sides = Omit<Login, 'keys' | 'stored' | 'live' | 'credential'> & {
  wanted: string | undefined;
};

/** The one answer to "whose is it?", for every command. */
function readOwner(entry: AuthEntry | undefined, sides: Sides): Owner {
  if (entry === undefined) return 'none';
  const { name, managed, wanted, request } = sides;
  const { meaning, credential } = entry;
  if (meaning === wanted) return 'wanted';
  if (meaning === NOBODY) return 'blank';
  if (managed?.entry !== undefined && managed.entry === entryChecksum(name, meaning)) return 'ours';
  if (credential === undefined) return 'foreign';
  if (isExpired(credential, request.now)) return 'none';
  return findGithubsOwn(credential, sides);
}

/** What GitHub writes by itself; into a file without any record of ours also copies of old ones. */
function findGithubsOwn(found: Credential, { desired, state, request }: Sides): Owner {
  if (!desired) return 'foreign';
  const { triple, registry } = desired;
  const own = registry.provider.writtenByCodespaces?.(found, triple, request.environment);
  if (own === 'lasting') return 'placeholder';
  const hasRecord = state.config.records.logins.size > 0;
  const mayBeCopy = request.isCodespace && !hasRecord && !isGiven(triple.id);
  return own === 'expiring' || (mayBeCopy && found.user === triple.user) ? 'ours' : 'foreign';
}

/** Whether what stands there is ours to change and to take away. */
export function isOurs({ owner }: Key): boolean {
  return owner === 'wanted' || owner === 'ours' || owner === 'placeholder';
}

export function hasOurHelper({ observed }: Key): boolean {
  return observed.helper === HELPER;
}

export function hasForeignHelper({ observed }: Key): boolean {
  return observed.helper !== undefined && observed.helper !== HELPER;
}

/**
 * Whether a foreign login is there: at one key means for the login, so that every client sees the
 * same user. Where our helper stands for all, entries decide nothing: every client asks it first.
 */
export function isForeign({ keys, live, request }: Login): boolean {
  const areEntriesRead = request.mode === 'file' || !request.canUseHelper;
  const atKey = (key: Key) =>
    key.use === 'entry' && (hasForeignHelper(key) || (areEntriesRead && key.owner === 'foreign'));
  return live !== undefined || keys.some(atKey);
}

/** Whether the triple is the one that had effect last, or that a login by hand was made over. */
export function isAsItWas({ name, desired, managed, stored, live, request }: Login): boolean {
  if (!desired) return false;
  const sum = tripleChecksum(name, desired.triple);
  // One that was made where no triple was to be seen is newer than whatever there is.
  if (live !== undefined) return isSameChecksum(stored?.triple ?? sum, sum);
  if (!managed) return false;
  if (managed.secret) return isSameChecksum(managed.secret, sum);
  // What cannot be understood costs nobody a login; and a prebuild remembers no secret.
  return isDamaged(managed) || (managed.isForeign && request.isPrebuild);
}
