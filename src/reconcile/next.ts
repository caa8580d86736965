import { makeEntry } from '../dockerconfig/auth-entry.ts';
import { entryChecksum, meaningOfTriple, shorten } from '../dockerconfig/checksum.ts';
import type { StoredLogin } from '../dockerconfig/logins.ts';
import type { Managed } from '../dockerconfig/managed.ts';
import { needsExchange } from '../providers/provider.ts';
import { splitName } from '../registries/keys.ts';
import { type Decision, decide } from './decision.ts';
import type { Desired } from './desired.ts';
import {
  findLogin,
  HELPER,
  hasForeignHelper,
  isAsItWas,
  type Key,
  type Login,
} from './ownership.ts';

/** What a key will hold. An entry that stays is the observed one. */
export type After = Partial<Pick<Key, 'helper' | 'previousEntry' | 'previousHelper'>> & {
  readonly entry: object | string | undefined;
};
export type NextKey = { readonly key: Key; readonly after: After };

/** What a login will be. The edits are the difference from what it is now. */
export type Next = {
  readonly decision: Decision;
  readonly keys: readonly NextKey[];
  /** Undefined if we keep no record of the login. */
  readonly managed?: Managed | undefined;
  readonly stored?: StoredLogin | undefined;
  /** Whether docker needs our helper, but it is not on PATH. */
  readonly lacksHelper?: boolean | undefined;
};

export function findNext(login: Login): Next {
  const { desired } = login;
  const decision = decide(login);
  if (decision === 'leave') return leave(login);
  return decision === 'release' || !desired ? release(login) : put(login, desired, decision);
}

/**
 * Changes only the record: drops an env file that another user could change, and shortens the
 * checksums if no entry of ours is there.
 */
function leave(login: Login): Next {
  const { keys, managed, stored } = login;
  const isThere = keys.some(({ owner }) => owner === 'ours');
  const short = isThere ? {} : { entry: shorten(managed?.entry), secret: shorten(managed?.secret) };
  return {
    decision: 'leave',
    keys: keys.map((key) => ({ key, after: key })),
    managed: managed && { ...managed, ...short, file: fileOf(managed, login) },
    stored,
  };
}

function release(login: Login): Next {
  const after = (key: Key) => {
    return { ...helperAfter(key, false, false), entry: entryReleased(key, login) };
  };
  return { decision: 'release', keys: login.keys.map((key) => ({ key, after: after(key) })) };
}

function put(login: Login, desired: Desired, decision: 'write' | 'keep'): Next {
  const { stored, live, sum } = login;
  const { ids, isFallback, triple } = desired;
  const isWritten = decision === 'write';
  const { isPut, lacksHelper, isBlocked } = findHelper(login, desired, isWritten);
  const helpers = login.keys.map((key) => helperAfter(key, isPut, isWritten));
  const hasHelper = helpers.some(({ helper }) => helper === HELPER);
  const keys = login.keys.map((key, index) => {
    const after = isWritten ? entryWritten(key, login) : entryKept(key, login, hasHelper);
    return { key, after: Object.assign(after, helpers[index]) };
  });
  const lastSecret = isFallback || isAsItWas(login) ? sum : login.managed?.secret;
  const record = isWritten
    ? recordWritten(login, keys, isBlocked)
    : { secret: restingOf(lastSecret, login) };
  // Nothing of ours would be left, so restore what we replaced.
  if (isWritten && !hasHelper && !record.entry) return { ...release(login), lacksHelper };
  const file = fileOf(triple, login);
  // A stored login also stays while there is no token to replace it.
  const isStored = live !== undefined && hasHelper && (!isWritten || isWaiting(login));
  return {
    decision,
    keys,
    managed: Object.assign(record, { ids, isFallback, hasHelper, isForeign: !isWritten, file }),
    stored: isStored ? { ...stored, triple: stored?.triple ?? restingOf(sum, login) } : undefined,
    lacksHelper,
  };
}

/** Checksum and expiry of our entry, and checksum of the triple last in effect. */
function recordWritten(
  login: Login,
  keys: readonly NextKey[],
  isBlocked: boolean,
): Pick<Managed, 'entry' | 'expiresAt' | 'secret'> {
  const { name, desired, managed, credential, meaning, sum, mode } = login;
  if (mode === 'helper') return { secret: isBlocked ? undefined : restingOf(sum, login) };
  if (meaning !== undefined) {
    const isOfTriple = desired && meaning === meaningOfTriple(desired.triple);
    // A checksum takes longer than the rest of a decision.
    const entry = isOfTriple ? sum : entryChecksum(name, meaning);
    return { entry, expiresAt: credential?.expiresAt, secret: isBlocked ? undefined : sum };
  }
  const isThere = keys.some(({ key, after }) => key.owner === 'ours' && after.entry);
  const { entry, expiresAt } = (isThere ? managed : undefined) ?? {};
  return { entry, expiresAt, secret: managed?.secret };
}

/** We do not record an env file that another user could change. */
function fileOf({ file }: Pick<Managed, 'file'>, { request }: Login): string | undefined {
  return request.unfitFiles.includes(file ?? '') ? undefined : file;
}

/** The part of a checksum we may keep without its secret: none in a prebuild's snapshot. */
function restingOf(sum: string | undefined, { mode, request }: Login): string | undefined {
  return mode === 'helper' && request.isPrebuild ? undefined : shorten(sum);
}

/** Whether we need our helper, and can use it. */
function findHelper(login: Login, desired: Desired, isWritten: boolean) {
  const { keys, state, mode, request } = login;
  // Otherwise clients would run the foreign helper.
  const isReplacing = keys.some(
    (key) =>
      key.use === 'entry' && (hasForeignHelper(key) ? isWritten : key.previousHelper !== undefined),
  );
  // DevPod sets its own store at each connection, after our hooks.
  const hasStore = state.config.credsStore !== undefined || request.environment.DEVPOD === 'true';
  const isAsked = mode === 'helper' || hasStore || needsExchange(desired);
  const isNeeded = isReplacing || (desired.isNamespace ? isHostHelped(login) : isAsked);
  const isPut = isNeeded && request.canUseHelper;
  return { isPut, lacksHelper: isNeeded && !isPut, isBlocked: isReplacing && !isPut };
}

/** Whether a namespace's host has our helper: clients then run it for every key there. */
function isHostHelped({ name, state, request }: Login): boolean {
  const host = findLogin(splitName(name).host, { state, request });
  const { keys } = findNext(host);
  return host.desired !== undefined && keys.some(({ after }) => after.helper === HELPER);
}

/** The helper at a key, and the one to restore. Only a write replaces a foreign one. */
function helperAfter(key: Key, isPut: boolean, isWritten: boolean): Omit<After, 'entry'> {
  const { use, helper, previousHelper } = key;
  const isForeign = hasForeignHelper(key);
  if (isPut && use !== 'unused' && (isWritten || !isForeign))
    return { helper: HELPER, previousHelper: isForeign ? JSON.stringify(helper) : previousHelper };
  if (isForeign || helper === undefined) return { helper };
  return { helper: previousHelper && JSON.parse(previousHelper) };
}

/** The previous entry, or the stored login, in place of ours. */
function entryReleased(key: Key, { managed, stored, live }: Login): After['entry'] {
  const { use, owner, entry, helper, previousEntry } = key;
  if (owner === 'foreign' || owner === 'placeholder') return entry;
  if (live !== undefined && helper === HELPER && use !== 'alias') return live;
  if (owner === 'ours') return previousEntry;
  // If we wrote an entry and it is gone, you logged out. If our helper answered, we wrote none.
  const isLoggedOut = managed?.entry !== undefined || stored !== undefined;
  return isLoggedOut ? entry : (previousEntry ?? entry);
}

/** Keeps a foreign entry, removes ours beside it; a stored login becomes the entry. */
function entryKept(key: Key, { live, mode }: Login, hasHelper: boolean): After {
  const { use, owner, entry } = key;
  if (owner === 'foreign') return { entry };
  if (use === 'entry' && !hasHelper && live !== undefined) return { entry: live };
  const isGone = owner === 'ours' || (owner === 'placeholder' && mode === 'file');
  return { entry: isGone ? undefined : entry };
}

/** The triple's entry, or none if our helper answers. A foreign entry becomes previous. */
function entryWritten(key: Key, login: Login): After {
  const { use, owner, entry } = key;
  const { credential, meaning, mode, managed, request } = login;
  if (use !== 'entry') return { entry: owner === 'ours' ? key.previousEntry : entry };
  if (isWaiting(login)) {
    const isRecorded = owner === 'ours' && managed?.entry !== undefined;
    const hasEnded = isRecorded && (managed.expiresAt ?? 0) <= request.now;
    return { entry: hasEnded ? undefined : entry, previousEntry: key.previousEntry };
  }
  const previousEntry = previousAfter(key, login);
  if (!credential || mode === 'helper')
    return { entry: owner === 'ours' ? undefined : entry, previousEntry };
  return { entry: entry?.meaning === meaning ? entry : makeEntry(credential), previousEntry };
}

/** Without a token the triple has no effect yet, and our last token stays until it expires. */
function isWaiting({ credential, mode }: Login): boolean {
  return mode === 'file' && !credential;
}

/** What to restore later: nothing that expires, or that Codespaces writes again by itself. */
function previousAfter(key: Key, { live, managed, mode, request }: Login): string | undefined {
  const { owner, entry, previousEntry } = key;
  if (live) return JSON.stringify(live);
  if (mode === 'helper') return previousEntry;
  if (owner === 'blank' || owner === 'placeholder') return previousEntry ?? entry?.text;
  const isByGithub = request.isCodespace && managed === undefined;
  return owner === 'foreign' && !isByGithub ? entry?.text : previousEntry;
}
