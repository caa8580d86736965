import { type AuthEntry, makeEntry } from '../dockerconfig/auth-entry.ts';
import { entryChecksum, meaningOfTriple, SHORT_LENGTH } from '../dockerconfig/checksum.ts';
import type { Edit } from '../dockerconfig/edit.ts';
import type { StoredLogin } from '../dockerconfig/logins.ts';
import type { Managed } from '../dockerconfig/managed.ts';
import { isAlias } from '../domain/registries/keys.ts';
import { needsExchange } from '../providers/provider.ts';
import type { Decision } from './decision.ts';
import type { Desired } from './desired.ts';
import {
  HELPER,
  hasForeignHelper,
  hasOurHelper,
  isAsItWas,
  isOurs,
  type Key,
  type Login,
} from './ownership.ts';
import type { Request } from './request.ts';

/** What shall be at a key. An entry that stays is the one that was observed. */
export type After = Pick<Key, 'helper' | 'previousEntry' | 'previousHelper'> & {
  readonly entry: AuthEntry | Edit['value'];
};

export type NextKey = { readonly key: Key; readonly after: After };

/** What a login shall be; what is to be done is the difference to what it is. */
export type Next = {
  readonly keys: readonly NextKey[];
  /** None where we have nothing to do with the login any more. */
  readonly managed: Managed | undefined;
  readonly stored: StoredLogin | undefined;
  /** Whether docker must ask our helper, which is not on PATH. */
  readonly lacksHelper: boolean;
};

export function findNext(login: Login, decision: Decision): Next {
  const { desired } = login;
  if (decision === 'leave') return leave(login);
  if (decision === 'release' || !desired) return release(login);
  return decision === 'keep' ? keep(login, desired) : write(login, desired);
}

function leave({ keys, managed, stored, request }: Login): Next {
  const isUnfit = managed?.file !== undefined && request.unfitFiles.includes(managed.file);
  return {
    keys: keys.map((key) => ({ key, after: key })),
    managed: isUnfit ? { ...managed, file: undefined } : managed,
    stored,
    lacksHelper: false,
  };
}

/** Ours goes, and what it replaced comes back, or the login that our helper held. */
function release(login: Login): Next {
  const keys = login.keys.map((key) => {
    const previous = key.use === 'alias' ? key.previousEntry : undefined;
    return nextKey(key, helperAfter(key, false), entryReleased(key, login), previous);
  });
  return { keys, managed: undefined, stored: undefined, lacksHelper: false };
}

function entryReleased(key: Key, { managed, stored, live }: Login): After['entry'] {
  const { owner, use, entry } = key;
  if (use === 'alias' || owner === 'foreign' || owner === 'placeholder') return entry;
  if (live !== undefined && hasOurHelper(key) && !isAlias(key.key)) return { json: live };
  if (isOurs(key)) return previousOf(key);
  // What we wrote is gone, so you logged out; or nothing was written, for our helper answered.
  const isLoggedOut = managed?.entry !== undefined || stored !== undefined;
  return isLoggedOut ? entry : (previousOf(key) ?? entry);
}

/** The foreign login stays, and ours beside it goes; what our helper held becomes the entry. */
function keep(login: Login, desired: Desired): Next {
  const { managed, stored, live, sum, request } = login;
  const { isPut, hasHelper, lacksHelper } = findHelper(login, desired, 'keep');
  const keys = login.keys.map((key) =>
    nextKey(key, helperAfter(key, isPut), entryKept(key, login, hasHelper)),
  );
  const secret = restingOf(desired.isFallback || isAsItWas(login) ? sum : managed?.secret, request);
  const triple = stored?.triple ?? restingOf(sum, request)?.slice(0, SHORT_LENGTH);
  return {
    keys,
    managed: { ...recordOf(desired, request), hasHelper, secret, isForeign: true },
    stored: live && hasHelper ? { ...stored, triple } : undefined,
    lacksHelper,
  };
}

function entryKept(key: Key, { live, request }: Login, hasHelper: boolean): After['entry'] {
  const { use, owner, entry } = key;
  if (use === 'alias' || owner === 'foreign') return entry;
  if (use === 'entry' && !hasHelper && live !== undefined) return { json: live };
  const stays = owner === 'placeholder' && request.mode === 'helper';
  return isOurs(key) && !stays ? undefined : entry;
}

/** The triple's credential is put there, or our helper; what is foreign becomes previous. */
function write(login: Login, desired: Desired): Next {
  const { managed, stored, live, sum, request } = login;
  const { isPut, hasHelper, lacksHelper, isBlocked } = findHelper(login, desired, 'write');
  const keys = login.keys.map((key) =>
    nextKey(key, helperAfter(key, isPut, true), ...entryWritten(key, login)),
  );
  const { entry, expiresAt } = entryRecord(login, desired, keys);
  // Where nothing of ours can stand, nothing stays replaced.
  if (entry === undefined && !hasHelper) return { ...release(login), lacksHelper };
  // Nor has a triple had an effect where a foreign helper could not be replaced.
  const secret = isBlocked ? undefined : restingOf(sum, request);
  const record = { ...recordOf(desired, request), hasHelper, entry, expiresAt, isForeign: false };
  return {
    keys,
    managed: { ...record, secret: isWaiting(login) ? managed?.secret : secret },
    // A login by hand stays where no token is there to replace it.
    stored: live && hasHelper && isWaiting(login) ? stored : undefined,
    lacksHelper,
  };
}

function entryWritten(key: Key, login: Login): [After['entry'], string | undefined] {
  const { use, owner, entry, previousEntry } = key;
  const { credential, request } = login;
  if (use === 'alias') return [entry, previousEntry];
  if (use === 'unused') return [isOurs(key) ? previousOf(key) : entry, undefined];
  if (isWaiting(login)) return [isDead(key, login) ? undefined : entry, previousEntry];
  const previous = previousAfter(key, login);
  if (!credential || request.mode === 'helper')
    return [owner === 'wanted' || owner === 'ours' ? undefined : entry, previous];
  return [owner === 'wanted' ? entry : { json: makeEntry(credential) }, previous];
}

/** Whether an old token of ours, which stays while there is no new one, has ended. */
function isDead({ owner }: Key, { managed, request }: Login): boolean {
  const isRecorded = owner === 'ours' && managed?.entry !== undefined;
  return isRecorded && (managed.expiresAt ?? 0) <= request.now;
}

/** What to put back once ours goes: nothing that expires, or that GitHub writes again by itself. */
function previousAfter(key: Key, { live, managed, request }: Login): string | undefined {
  const { owner, entry, previousEntry } = key;
  if (live) return JSON.stringify(live);
  if (request.mode === 'helper') return previousEntry;
  if (owner === 'blank' || owner === 'placeholder') return previousEntry ?? entry?.text;
  const isByGithub = request.isCodespace && managed === undefined;
  return owner === 'foreign' && !isByGithub ? entry?.text : previousEntry;
}

/** The entry that stands afterwards: a fresh one, or an old one until a token can be had. */
function entryRecord(
  { name, managed, credential, meaning, sum, request }: Login,
  { triple }: Desired,
  keys: readonly NextKey[],
): Pick<Managed, 'entry' | 'expiresAt'> {
  if (request.mode === 'helper') return {};
  if (meaning !== undefined) {
    const entry = meaning === meaningOfTriple(triple) ? sum : entryChecksum(name, meaning);
    return { entry, expiresAt: credential?.expiresAt };
  }
  const isThere = keys.some(({ key, after }) => key.owner === 'ours' && after.entry);
  return (isThere ? managed : undefined) ?? {};
}

/** Whether keys were to be exchanged for a token, and none was had: the triple has no effect yet. */
function isWaiting({ credential, request }: Login): boolean {
  return request.mode === 'file' && !credential;
}

/** What every record says. */
function recordOf({ ids, isFallback, triple }: Desired, { unfitFiles }: Request) {
  // What others could change is used when it is named, and never by itself.
  const file = unfitFiles.includes(triple.file ?? '') ? undefined : triple.file;
  return { ids, isFallback, file };
}

/** As much of a checksum as may rest: nothing where it would be in a snapshot. */
function restingOf(sum: string | undefined, { mode, isPrebuild }: Request): string | undefined {
  if (mode === 'file') return sum;
  return isPrebuild ? undefined : sum?.slice(0, SHORT_LENGTH);
}

/** Whether our helper is to answer, and can: one of another's is asked instead while it is there. */
function findHelper(login: Login, desired: Desired, decision: 'keep' | 'write') {
  const isWritten = decision === 'write';
  const isReplacing = login.keys.some(
    (key) =>
      key.use === 'entry' && (hasForeignHelper(key) ? isWritten : key.previousHelper !== undefined),
  );
  const isNeeded = isReplacing || hasReason(login, desired);
  const isPut = isNeeded && login.request.canUseHelper;
  const hasHelper = login.keys.some((key) => helperAfter(key, isPut, isWritten)[0] === HELPER);
  return { isPut, hasHelper, lacksHelper: isNeeded && !isPut, isBlocked: isReplacing && !isPut };
}

/** A credsStore is set, the credential expires, or no secret may rest. */
function hasReason({ state, request }: Login, { isNamespace, registry, triple }: Desired): boolean {
  if (isNamespace) return false;
  const isAsked = request.mode === 'helper' || state.config.credsStore !== undefined;
  return isAsked || needsExchange(registry, triple);
}

type Helpers = [helper: string | undefined, previous: string | undefined];

/** The helper at a key, and the one to put back: a foreign one only gives way to a write. */
function helperAfter(key: Key, isPut: boolean, isWritten = false): Helpers {
  const { helper, previousHelper: previous } = key;
  const isForeign = hasForeignHelper(key);
  if (isPut && key.use !== 'unused' && (isWritten || !isForeign))
    return [HELPER, isForeign ? JSON.stringify(helper) : previous];
  if (isForeign || helper === undefined) return [helper, undefined];
  return [previous && JSON.parse(previous), undefined];
}

/** What ours replaced, in its own bytes. */
function previousOf({ previousEntry }: Key): Edit['value'] {
  return previousEntry === undefined ? undefined : { raw: previousEntry };
}

function nextKey(
  key: Key,
  [helper, previousHelper]: Helpers,
  entry: After['entry'],
  previousEntry?: string,
): NextKey {
  return { key, after: { entry, helper, previousEntry, previousHelper } };
}
