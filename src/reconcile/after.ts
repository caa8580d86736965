import { type AuthEntry, makeEntry } from '../dockerconfig/auth-entry.ts';
import type { Edit } from '../dockerconfig/edit.ts';
import { isAlias } from '../registries/keys.ts';
import {
  HELPER,
  hasForeignHelper,
  hasOurHelper,
  isOurs,
  type Key,
  type Login,
} from './ownership.ts';

/** What shall be at a key. An entry that stays is the one that was observed. */
export type After = Pick<Key, 'helper' | 'previousEntry' | 'previousHelper'> & {
  readonly entry: AuthEntry | Edit['value'];
};
export type NextKey = { readonly key: Key; readonly after: After };

/** Ours goes, and what it replaced comes back, or the login that our helper held. */
export function releaseKey(key: Key, login: Login): NextKey {
  const [helper, previousHelper] = helperAfter(key, false, false);
  const previousEntry = isLeftAlone(key) ? key.previousEntry : undefined;
  return {
    key,
    after: { entry: entryReleased(key, login), helper, previousEntry, previousHelper },
  };
}

function entryReleased(key: Key, { managed, stored, live }: Login): After['entry'] {
  const { owner, entry } = key;
  if (isLeftAlone(key) || owner === 'foreign' || owner === 'placeholder') return entry;
  if (live !== undefined && hasOurHelper(key) && !isAlias(key.key)) return { json: live };
  if (isOurs(key)) return previousOf(key);
  // What we wrote is gone, so you logged out; or nothing was written, for our helper answered.
  const isLoggedOut = managed?.entry !== undefined || stored !== undefined;
  return isLoggedOut ? entry : (previousOf(key) ?? entry);
}

/** The foreign login stays, and ours beside it goes; what our helper held becomes the entry. */
export function keepKey(key: Key, login: Login, isPut: boolean, hasHelper: boolean): NextKey {
  const [helper, previousHelper] = helperAfter(key, isPut, false);
  const entry = entryKept(key, login, hasHelper);
  return { key, after: { entry, helper, previousEntry: undefined, previousHelper } };
}

function entryKept(key: Key, { live, mode }: Login, hasHelper: boolean): After['entry'] {
  const { use, owner, entry } = key;
  if (isLeftAlone(key) || owner === 'foreign') return entry;
  if (use === 'entry' && !hasHelper && live !== undefined) return { json: live };
  const stays = owner === 'placeholder' && mode === 'helper';
  return isOurs(key) && !stays ? undefined : entry;
}

/** The triple's credential is put there, or our helper; what is foreign becomes previous. */
export function writeKey(key: Key, login: Login, isPut: boolean): NextKey {
  const [helper, previousHelper] = helperAfter(key, isPut, true);
  const [entry, previousEntry] = entryWritten(key, login);
  return { key, after: { entry, helper, previousEntry, previousHelper } };
}

function entryWritten(key: Key, login: Login): [After['entry'], string | undefined] {
  const { use, owner, entry, previousEntry } = key;
  const { credential, mode } = login;
  if (isLeftAlone(key)) return [entry, previousEntry];
  if (use !== 'entry') return [isOurs(key) ? previousOf(key) : entry, undefined];
  if (isWaiting(login)) return [isDead(key, login) ? undefined : entry, previousEntry];
  const previous = previousAfter(key, login);
  if (!credential || mode === 'helper')
    return [owner === 'wanted' || owner === 'ours' ? undefined : entry, previous];
  return [owner === 'wanted' ? entry : { json: makeEntry(credential) }, previous];
}

/** An alias has no entry of ours, but one from when SERVER had that name. */
function isLeftAlone({ use, owner }: Key): boolean {
  return use === 'alias' && owner !== 'ours';
}

/** Whether an old token of ours, which stays while there is no new one, has ended. */
function isDead({ owner }: Key, { managed, request }: Login): boolean {
  const isRecorded = owner === 'ours' && managed?.entry !== undefined;
  return isRecorded && (managed.expiresAt ?? 0) <= request.now;
}

/** What to put back once ours goes: nothing that expires, or that GitHub writes again by itself. */
function previousAfter(key: Key, { live, managed, mode, request }: Login): string | undefined {
  const { owner, entry, previousEntry } = key;
  if (live) return JSON.stringify(live);
  if (mode === 'helper') return previousEntry;
  if (owner === 'blank' || owner === 'placeholder') return previousEntry ?? entry?.text;
  const isByGithub = request.isCodespace && managed === undefined;
  return owner === 'foreign' && !isByGithub ? entry?.text : previousEntry;
}

/** Whether keys gave no token when it was asked for: the triple has no effect yet. */
export function isWaiting({ credential, mode }: Login): boolean {
  return mode === 'file' && !credential;
}

/** What ours replaced, in its own bytes. */
function previousOf({ previousEntry }: Key): Edit['value'] {
  return previousEntry === undefined ? undefined : { raw: previousEntry };
}

type Helpers = [helper: string | undefined, previous: string | undefined];

/** The helper at a key, and the one to put back: a foreign one only gives way to a write. */
export function helperAfter(key: Key, isPut: boolean, isWritten: boolean): Helpers {
  const { helper, previousHelper: previous } = key;
  const isForeign = hasForeignHelper(key);
  if (isPut && key.use !== 'unused' && (isWritten || !isForeign))
    return [HELPER, isForeign ? JSON.stringify(helper) : previous];
  if (isForeign || helper === undefined) return [helper, undefined];
  return [previous && JSON.parse(previous), undefined];
}
