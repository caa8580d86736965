import { type AuthEntry, makeEntry, meaningOfCredential } from '../dockerconfig/auth-entry.ts';
import {
  entryChecksum,
  meaningOfTriple,
  SHORT_LENGTH,
  tripleChecksum,
} from '../dockerconfig/checksum.ts';
import type { Edit } from '../dockerconfig/edit.ts';
import type { StoredLogin } from '../dockerconfig/logins.ts';
import type { Managed } from '../dockerconfig/managed.ts';
import { isAlias } from '../domain/registries/keys.ts';
import { needsExchange } from '../providers/provider.ts';
import type { Decision } from './decision.ts';
import {
  HELPER,
  hasForeignHelper,
  hasOurHelper,
  isAsItWas,
  isOurs,
  type Key,
  type Login,
  type Observed,
} from './ownership.ts';
import type { Request } from './request.ts';

/** What shall be at a key. An entry that stays is the one that was observed. */
export type After = Omit<Observed, 'entry'> & { readonly entry: AuthEntry | Edit['value'] };

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

type Scene = {
  readonly login: Login;
  readonly decision: Decision;
  /** Whether our helper stands there afterwards, and whether a foreign one cannot give way. */
  readonly hasHelper: boolean;
  readonly isBlocked: boolean;
};

export function findNext(login: Login, decision: Decision): Next {
  if (decision === 'leave') return leave(login);
  const isReplacing = replacesHelper(login, decision);
  const isNeeded = decision !== 'release' && (isReplacing || hasReason(login));
  const isPut = isNeeded && login.request.canUseHelper;
  const lacksHelper = isNeeded && !isPut;
  const helpers = login.keys.map((key) => helperAfter(key, decision, isPut));
  const hasHelper = helpers.some(({ helper }) => helper === HELPER);
  const scene = { login, decision, hasHelper, isBlocked: isReplacing && !isPut };
  const keys = login.keys.map((key, index) => {
    const { entry, previousEntry } = entryAfter(key, scene);
    const { helper, previousHelper } = helpers[index] as Helpers;
    return { key, after: { entry, helper, previousEntry, previousHelper } };
  });
  const managed = managedAfter(scene, keys);
  // Where nothing of ours can stand, nothing stays replaced.
  if (decision === 'write' && !managed) return { ...findNext(login, 'release'), lacksHelper };
  return { keys, managed, lacksHelper, stored: storedAfter(scene) };
}

/** A login by hand stays with our helper while it counts, or no token is there to replace it. */
function storedAfter({ login, decision, hasHelper }: Scene): StoredLogin | undefined {
  const { live, stored } = login;
  if (!hasHelper || live === undefined) return undefined;
  if (decision === 'write') return isWaiting(login) ? stored : undefined;
  const triple = stored?.triple ?? restingSum(login)?.slice(0, SHORT_LENGTH);
  return decision === 'keep' ? { ...stored, triple } : undefined;
}

/** Whether keys were to be exchanged for a token, and none was had: the triple has no effect yet. */
function isWaiting({ credential, request }: Login): boolean {
  return request.mode === 'file' && !credential;
}

function leave({ keys, managed, stored, request }: Login): Next {
  const isUnfit = managed?.file !== undefined && request.unfitFiles.includes(managed.file);
  return {
    keys: keys.map((key) => ({ key, after: key.observed })),
    managed: isUnfit ? { ...managed, file: undefined } : managed,
    stored,
    lacksHelper: false,
  };
}

/** Whether our helper is there, or is to be, because a foreign one would be asked instead. */
function replacesHelper({ keys }: Login, decision: Decision): boolean {
  const replaces = (key: Key) =>
    hasForeignHelper(key) ? decision === 'write' : key.observed.previousHelper !== undefined;
  return keys.some((key) => key.use === 'entry' && replaces(key));
}

/** A credsStore is set, the credential expires, or no secret may rest. */
function hasReason({ desired, state, request }: Login): boolean {
  if (!desired || desired.isNamespace) return false;
  const isAsked = request.mode === 'helper' || state.config.credsStore !== undefined;
  return isAsked || needsExchange(desired.registry, desired.triple);
}

type Helpers = Pick<Observed, 'helper' | 'previousHelper'>;

function helperAfter(key: Key, decision: Decision, isPut: boolean): Helpers {
  const { helper, previousHelper: previous } = key.observed;
  const isForeign = hasForeignHelper(key);
  const previousHelper = isForeign ? JSON.stringify(helper) : previous;
  if (isPut && key.use !== 'unused' && (!isForeign || decision === 'write'))
    return { helper: HELPER, previousHelper };
  const isBack = !isForeign && helper !== undefined && previous !== undefined;
  const back = isBack ? JSON.parse(previous) : undefined;
  return { helper: isForeign ? helper : back, previousHelper: undefined };
}

type Entries = Pick<After, 'entry' | 'previousEntry'>;

function entryAfter(key: Key, scene: Scene): Entries {
  const { use, observed } = key;
  const { login, decision } = scene;
  if (decision === 'keep') return { entry: entryKept(key, scene), previousEntry: undefined };
  if (use === 'alias') return observed;
  if (decision === 'release') return { entry: entryReleased(key, login), previousEntry: undefined };
  if (use === 'entry') return entryWritten(key, login);
  return { entry: isOurs(key) ? previousOf(key) : observed.entry, previousEntry: undefined };
}

/** What ours replaced, in its own bytes. */
function previousOf({ observed: { previousEntry } }: Key): Edit['value'] {
  return previousEntry === undefined ? undefined : { raw: previousEntry };
}

/** The triple's credential; what is foreign there becomes previous. */
function entryWritten(key: Key, login: Login): Entries {
  const { entry, previousEntry } = key.observed;
  const { credential, live, managed, request } = login;
  const isOld = key.owner === 'ours';
  const isThere = key.owner === 'wanted';
  const held = live && JSON.stringify(live);
  if (request.mode === 'helper')
    return {
      entry: isOld || isThere ? undefined : entry,
      previousEntry: held ?? previousEntry,
    };
  if (!credential) {
    // Without a new token, an old one of ours stays while it lives.
    const isDead = isOld && managed?.entry !== undefined && (managed.expiresAt ?? 0) <= request.now;
    return { entry: isDead ? undefined : entry, previousEntry };
  }
  return {
    entry: isThere ? entry : { json: makeEntry(credential) },
    previousEntry: held ?? previousAfter(key, login),
  };
}

/** What to put back once ours goes: nothing that expires, or that GitHub writes again by itself. */
function previousAfter({ owner, observed }: Key, { managed, request }: Login): string | undefined {
  const { entry, previousEntry } = observed;
  if (owner === 'blank' || owner === 'placeholder') return previousEntry ?? entry?.text;
  const isByGithub = request.isCodespace && managed === undefined;
  return owner === 'foreign' && !isByGithub ? entry?.text : previousEntry;
}

/** The foreign login stays, and ours beside it goes; what our helper held becomes the entry. */
function entryKept(key: Key, { login: { live, request }, hasHelper }: Scene): After['entry'] {
  const { use, owner, observed } = key;
  if (use === 'alias' || owner === 'foreign') return observed.entry;
  if (use === 'entry' && !hasHelper && live !== undefined) return { json: live };
  const stays = owner === 'placeholder' && request.mode === 'helper';
  return isOurs(key) && !stays ? undefined : observed.entry;
}

/** Ours goes, and what it replaced comes back, or what our helper held. */
function entryReleased(key: Key, { managed, stored, live }: Login): After['entry'] {
  const { entry } = key.observed;
  if (key.owner === 'foreign' || key.owner === 'placeholder') return entry;
  if (live !== undefined && hasOurHelper(key) && !isAlias(key.key)) return { json: live };
  if (isOurs(key)) return previousOf(key);
  // What we wrote is gone, so you logged out; or nothing was written, for our helper answered.
  const isLoggedOut = managed?.entry !== undefined || stored !== undefined;
  return isLoggedOut ? entry : (previousOf(key) ?? entry);
}

/** Our record: none where nothing wants the login, or nothing of ours can stand there. */
function managedAfter(scene: Scene, keys: readonly NextKey[]): Managed | undefined {
  const { login, decision, hasHelper, isBlocked } = scene;
  const { name, desired, managed, request } = login;
  if (!desired || decision === 'release') return undefined;
  const { ids, isFallback, triple } = desired;
  // What others could change is used when it is named, and never by itself.
  const file = request.unfitFiles.includes(triple.file ?? '') ? undefined : triple.file;
  const sum = tripleChecksum(name, triple);
  const common = { ids, isFallback, hasHelper, file };
  if (decision === 'keep') {
    const isSame = isFallback || isAsItWas(login);
    return {
      ...common,
      isForeign: true,
      secret: restingOf(isSame ? sum : managed?.secret, request),
    };
  }
  const { entry, expiresAt } = entryRecord(login, keys, sum);
  if (entry === undefined && !hasHelper) return undefined;
  // Nor has it where a foreign helper could not be replaced.
  const isNew = !isWaiting(login);
  const secret = isNew ? (isBlocked ? undefined : restingOf(sum, request)) : managed?.secret;
  return { ...common, isForeign: false, entry, expiresAt, secret };
}

/** The entry that stands afterwards: a fresh one, or an old one until a token can be had. */
function entryRecord(
  { name, desired, managed, credential, request }: Login,
  keys: readonly NextKey[],
  tripleSum: string,
): Pick<Managed, 'entry' | 'expiresAt'> {
  if (request.mode === 'helper') return {};
  if (!credential || !desired) {
    const isThere = keys.some(({ key, after }) => key.owner === 'ours' && after.entry);
    return isThere ? { entry: managed?.entry, expiresAt: managed?.expiresAt } : {};
  }
  const meaning = meaningOfCredential(credential);
  const isTriple = meaning === meaningOfTriple(desired.triple);
  const entry = isTriple ? tripleSum : entryChecksum(name, meaning);
  return { entry, expiresAt: credential.expiresAt };
}

function restingSum({ name, desired, request }: Login): string | undefined {
  return desired && restingOf(tripleChecksum(name, desired.triple), request);
}

/** As much of a checksum as may rest: nothing where it would be in a snapshot. */
function restingOf(sum: string | undefined, { mode, isPrebuild }: Request): string | undefined {
  if (mode === 'file') return sum;
  return isPrebuild ? undefined : sum?.slice(0, SHORT_LENGTH);
}
