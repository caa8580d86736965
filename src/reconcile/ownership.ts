import {
  type Credential,
  makeEntry,
  meaningOf,
  meaningOfCredential,
  NOBODY,
  readEntry,
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

/** What config.json holds at a key: entries as JSON text, helpers by their name. */
export type Standing = {
  readonly entry: string | undefined;
  readonly helper: string | undefined;
  /** What ours replaced there. */
  readonly previousEntry: string | undefined;
  readonly previousHelper: string | undefined;
};

/**
 * What an entry is to its login. `none` is no entry, or a token that has expired; `blank` names
 * nobody. Of what is ours, `wanted` is what would be written, and a `placeholder` is an account of
 * GitHub's, which comes back when ours goes.
 */
export type Owner = 'none' | 'blank' | 'wanted' | 'ours' | 'placeholder' | 'foreign';

/** One key of a login. */
export type Key = {
  readonly key: string;
  /** Whether the triple wants an entry here, or only our helper, or nothing. */
  readonly use: 'entry' | 'alias' | 'unused';
  readonly standing: Standing;
  readonly owner: Owner;
};

/** One login: what is desired, what is observed and what was managed, side by side. */
export type Login = {
  readonly name: string;
  readonly desired: Desired | undefined;
  readonly managed: Managed | undefined;
  readonly keys: readonly Key[];
  /** What clients shall log in with; undefined where nothing is desired, or no token was had. */
  readonly credential: Credential | undefined;
  /** A login by hand through our helper, while that stands there; and the entry it would be. */
  readonly stored: StoredLogin | undefined;
  readonly live: string | undefined;
};

/** Looks one login up, and judges every key of it. */
export function findLogin(name: string, desired: Desired | undefined, context: Context): Login {
  const { config, logins } = context.state;
  const managed = config.records.logins.get(name);
  const credential = desired && credentialOf(desired, context);
  const wanted = credential && meaningOfCredential(credential);
  const sides = { name, desired, managed, wanted };
  const keys = findKeys(name, desired).map((key): Key => {
    const standing = findStanding(key, context);
    const owner = standing.entry === undefined ? 'none' : readOwner(standing.entry, sides, context);
    return { key, use: useOf(key, desired), standing, owner };
  });
  const stored = keys.some(hasOurHelper) ? logins.get(name) : undefined;
  const live = stored && isAlive(stored, context.request.now) ? entryOf(stored) : undefined;
  return { name, desired, managed, keys, credential, stored, live };
}

/** The keys that are wanted, then those at which something of ours may stand. */
function findKeys(name: string, desired: Desired | undefined): string[] {
  const all = findAllKeys(name);
  if (!desired) return all;
  const keys = desired.keys.concat(desired.aliases);
  return keys.concat(all.filter((key) => !keys.includes(key)));
}

function credentialOf({ triple, registry }: Desired, { request }: Context): Credential | undefined {
  if (!needsExchange(registry, triple)) return { user: triple.user, secret: triple.password };
  const token = request.credentials.get(triple.id);
  return token === 'unavailable' ? undefined : token;
}

function findStanding(key: string, { state }: Context): Standing {
  const { auths, credHelpers, records } = state.config;
  const previous = (section: string) =>
    records.previous.size > 0 ? records.previous.get(`${section} ${key}`) : undefined;
  const helper = previous('credHelpers');
  return {
    entry: auths.get(key),
    helper: credHelpers.get(key),
    previousEntry: previous('auths'),
    previousHelper: helper === undefined ? undefined : JSON.parse(helper),
  };
}

function useOf(key: string, desired: Desired | undefined): Key['use'] {
  if (desired?.keys.includes(key)) return 'entry';
  return desired?.aliases.includes(key) ? 'alias' : 'unused';
}

function entryOf({ user = '', secret = '' }: StoredLogin): string {
  return JSON.stringify(makeEntry({ user, secret }));
}

type Sides = Pick<Login, 'name' | 'desired' | 'managed'> & {
  /** The meaning of what would be written. */
  readonly wanted: string | undefined;
};

/** The one answer to "whose is it?", for every command. */
function readOwner(entry: string, sides: Sides, context: Context): Owner {
  const { name, desired, managed, wanted } = sides;
  const meaning = meaningOf(entry);
  if (meaning === wanted) return 'wanted';
  if (meaning === NOBODY) return 'blank';
  if (managed?.entry !== undefined && managed.entry === entryChecksum(name, meaning)) return 'ours';
  const found = readEntry(entry);
  if (found === undefined) return 'foreign';
  if (isExpired(found, context.request.now)) return 'none';
  return (desired && findGithubsOwn(found, desired, context)) ?? 'foreign';
}

/** What GitHub writes by itself; into a file without any record of ours also copies of old ones. */
function findGithubsOwn(found: Credential, desired: Desired, { state, request }: Context) {
  const { triple, registry } = desired;
  const own = registry.provider.writtenByCodespaces?.(found, triple, request.environment);
  if (own === 'lasting') return 'placeholder';
  const hasRecord = state.config.records.logins.size > 0;
  const mayBeCopy = request.isCodespace && !hasRecord && !isGiven(triple.id);
  const isCopy = mayBeCopy && found.user === triple.user;
  return own === 'expiring' || isCopy ? 'ours' : undefined;
}

/** Whether what stands there is ours to change and to take away. */
export function isOurs({ owner }: Key): boolean {
  return owner === 'wanted' || owner === 'ours' || owner === 'placeholder';
}

export function hasOurHelper({ standing }: Pick<Key, 'standing'>): boolean {
  return standing.helper === HELPER;
}

export function hasForeignHelper({ standing }: Pick<Key, 'standing'>): boolean {
  return standing.helper !== undefined && standing.helper !== HELPER;
}

/**
 * Whether a foreign login is there: at one key means for the login, so that every client sees the
 * same user. Where our helper stands for all, entries decide nothing: every client asks it first.
 */
export function isForeign({ keys, live }: Login, { request }: Context): boolean {
  const areEntriesRead = request.mode === 'file' || !request.canUseHelper;
  const atKey = (key: Key) =>
    key.use === 'entry' && (hasForeignHelper(key) || (areEntriesRead && key.owner === 'foreign'));
  return live !== undefined || keys.some(atKey);
}

/** Whether the triple is the one that had effect last, or that a login by hand was made over. */
export function isAsItWas(login: Login, { request }: Context): boolean {
  const { name, desired, managed, stored, live } = login;
  if (!desired) return false;
  const sum = tripleChecksum(name, desired.triple);
  // One that was made where no triple was to be seen is newer than whatever there is.
  if (live !== undefined) return isSameChecksum(stored?.triple ?? sum, sum);
  if (!managed) return false;
  if (managed.secret) return isSameChecksum(managed.secret, sum);
  // What cannot be understood costs nobody a login; and a prebuild remembers no secret.
  return isDamaged(managed) || (managed.isForeign && request.isPrebuild);
}
