import { makeEntry, meaningOfCredential } from '../dockerconfig/auth-entry.ts';
import { entryChecksum, SHORT_LENGTH, tripleChecksum } from '../dockerconfig/checksum.ts';
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
  type Standing,
} from './ownership.ts';
import type { Context } from './request.ts';

/** What a login shall be; what is to be done is the difference to what stands there. */
export type Next = {
  /** In the order of the login's keys. */
  readonly standings: readonly Standing[];
  readonly managed?: Managed | undefined;
  readonly stored?: StoredLogin | undefined;
  /** Whether docker must ask our helper, which is not on PATH. */
  readonly lacksHelper?: boolean;
};

export function findNext(login: Login, decision: Decision, context: Context): Next {
  if (decision === 'leave') return leave(login, context);
  const { keys, live } = login;
  const helper = planHelper(login, decision, context);
  const helpers = keys.map((key) => helperAfter(key, helper));
  const hasHelper = helpers.some((one) => one.helper === HELPER);
  const scene = { login, decision, hasHelper, context };
  const standings = keys.map((key, index) =>
    standingAfter(key.standing, entryAfter(key, scene), helpers[index] as Helpers),
  );
  const managed = managedAfter(scene, standings, helper);
  const lacksHelper = helper.isNeeded && !helper.isPut;
  // Where nothing of ours can stand, nothing stays replaced.
  if (decision === 'write' && !managed)
    return { ...findNext(login, 'release', context), lacksHelper };
  const isStored = decision === 'keep' && hasHelper && live !== undefined;
  return { standings, managed, lacksHelper, stored: isStored ? withTriple(scene) : undefined };
}

function leave({ keys, managed, stored }: Login, { request }: Context): Next {
  const isUnfit = managed?.file !== undefined && request.unfitFiles.includes(managed.file);
  return {
    standings: keys.map(({ standing }) => standing),
    managed: isUnfit ? { ...managed, file: undefined } : managed,
    stored,
  };
}

type Scene = {
  readonly login: Login;
  readonly decision: Decision;
  /** Whether our helper stands there afterwards. */
  readonly hasHelper: boolean;
  readonly context: Context;
};

type HelperPlan = {
  readonly isNeeded: boolean;
  readonly isPut: boolean;
  /** Whether a foreign helper gives way. */
  readonly mayReplace: boolean;
  readonly isReplacing: boolean;
};

/**
 * Our helper's name stands there exactly as long as there is a reason: a credsStore is set, the
 * credential expires, no secret may rest, or a foreign helper would be asked instead of the file.
 */
function planHelper(
  { desired, keys }: Login,
  decision: Decision,
  { state, request }: Context,
): HelperPlan {
  const mayReplace = decision === 'write';
  const replaces = (key: Key) =>
    hasForeignHelper(key) ? mayReplace : key.standing.previousHelper !== undefined;
  const isReplacing = keys.some((key) => key.use === 'entry' && replaces(key));
  const isAsked = request.mode === 'helper' || state.config.credsStore !== undefined;
  const hasReason = desired && (isAsked || needsExchange(desired.registry, desired.triple));
  const isWanted = isReplacing || (hasReason === true && !desired?.isNamespace);
  const isNeeded = decision !== 'release' && isWanted;
  return { isNeeded, isPut: isNeeded && request.canUseHelper, mayReplace, isReplacing };
}

type Helpers = Pick<Standing, 'helper' | 'previousHelper'>;

function helperAfter(key: Key, { isPut, mayReplace }: HelperPlan): Helpers {
  const { helper, previousHelper } = key.standing;
  const isForeign = hasForeignHelper(key);
  if (!isPut || key.use === 'unused')
    return { helper: isForeign ? helper : helper && previousHelper, previousHelper: undefined };
  if (!isForeign) return { helper: HELPER, previousHelper };
  if (!mayReplace) return { helper, previousHelper: undefined };
  return { helper: HELPER, previousHelper: helper };
}

type Entries = Pick<Standing, 'entry' | 'previousEntry'>;

/** The same object where nothing changes. */
function standingAfter(before: Standing, entries: Entries, helpers: Helpers): Standing {
  const { entry, previousEntry } = entries;
  const { helper, previousHelper } = helpers;
  const isSame = entry === before.entry && helper === before.helper;
  const isSamePrevious =
    previousEntry === before.previousEntry && previousHelper === before.previousHelper;
  return isSame && isSamePrevious ? before : { entry, helper, previousEntry, previousHelper };
}

function entryAfter(key: Key, scene: Scene): Entries {
  const { entry, previousEntry } = key.standing;
  if (scene.decision === 'write' && key.use === 'entry') return entryWritten(key, scene);
  if (scene.decision === 'keep') return { entry: entryKept(key, scene), previousEntry: undefined };
  if (key.use === 'alias') return { entry, previousEntry };
  if (scene.decision === 'write')
    return { entry: isOurs(key) ? previousEntry : entry, previousEntry: undefined };
  return { entry: entryReleased(key, scene.login), previousEntry: undefined };
}

/** The triple's credential; what is foreign there becomes previous. */
function entryWritten(key: Key, { login, context }: Scene): Entries {
  const { owner, standing } = key;
  const { entry, previousEntry } = standing;
  const { credential, live } = login;
  if (context.request.mode === 'helper') {
    const isGone = owner === 'wanted' || owner === 'ours';
    return { entry: isGone ? undefined : entry, previousEntry: live ?? previousEntry };
  }
  if (!credential) return { entry: isDead(key, login, context) ? undefined : entry, previousEntry };
  return {
    entry: owner === 'wanted' ? entry : JSON.stringify(makeEntry(credential)),
    previousEntry: live ?? previousAfter(key, login, context),
  };
}

/** Without a new token, an old one of ours stays while it lives. */
function isDead({ owner }: Key, { managed }: Login, { request }: Context): boolean {
  return (
    owner === 'ours' && managed?.entry !== undefined && (managed.expiresAt ?? 0) <= request.now
  );
}

/** What to put back once ours goes: nothing that expires, or that GitHub writes again by itself. */
function previousAfter({ owner, standing }: Key, { managed }: Login, { request }: Context) {
  const { entry, previousEntry } = standing;
  if (owner === 'blank' || owner === 'placeholder') return previousEntry ?? entry;
  const isByGithub = request.isCodespace && managed === undefined;
  return owner === 'foreign' && !isByGithub ? entry : previousEntry;
}

/** The foreign login stays, and ours beside it goes; what our helper held becomes the entry. */
function entryKept(key: Key, { login, hasHelper, context }: Scene): string | undefined {
  const { use, owner, standing } = key;
  if (use === 'alias' || owner === 'foreign') return standing.entry;
  if (use === 'entry' && !hasHelper && login.live !== undefined) return login.live;
  const stays = owner === 'placeholder' && context.request.mode === 'helper';
  return isOurs(key) && !stays ? undefined : standing.entry;
}

/** Ours goes, and what it replaced comes back, or what our helper held. */
function entryReleased(key: Key, { managed, stored, live }: Login): string | undefined {
  const { entry, previousEntry } = key.standing;
  if (key.owner === 'foreign' || key.owner === 'placeholder') return entry;
  if (live !== undefined && hasOurHelper(key) && !isAlias(key.key)) return live;
  if (isOurs(key)) return previousEntry;
  // What we wrote is gone, so somebody logged out; or nothing was written, for our helper answered.
  const isLoggedOut = managed?.entry !== undefined || stored !== undefined;
  return isLoggedOut ? entry : (previousEntry ?? entry);
}

/** Our record: none where nothing wants the login, or nothing of ours can stand there. */
function managedAfter(
  scene: Scene,
  standings: readonly Standing[],
  helper: HelperPlan,
): Managed | undefined {
  const { login, decision, hasHelper, context } = scene;
  const { desired, managed } = login;
  if (!desired || decision === 'release') return undefined;
  const { ids, isFallback, triple } = desired;
  // What others could change is used when it is named, and never by itself.
  const isUnfit = context.request.unfitFiles.includes(triple.file ?? '');
  const common = { ids, isFallback, hasHelper, file: isUnfit ? undefined : triple.file };
  const sum = restingSum(scene);
  if (decision === 'keep') {
    const secret =
      isFallback || isAsItWas(login, context) ? sum : restingOf(managed?.secret, context);
    return { ...common, isForeign: true, secret };
  }
  const { isWaiting, ...written } = entryRecord(scene, standings);
  if (written.entry === undefined && !hasHelper) return undefined;
  // Where no token was had, or a foreign helper could not be replaced, the triple had no effect.
  const isBlocked = helper.isReplacing && !helper.isPut;
  const secret = isWaiting ? managed?.secret : isBlocked ? undefined : sum;
  return { ...common, ...written, isForeign: false, secret };
}

type EntryRecord = Pick<Managed, 'entry' | 'expiresAt'> & { readonly isWaiting?: boolean };

/** The entry that stands afterwards: a fresh one, or an old one until a token can be had. */
function entryRecord({ login, context }: Scene, standings: readonly Standing[]): EntryRecord {
  const { name, managed, keys, credential } = login;
  if (context.request.mode === 'helper') return {};
  if (credential) {
    const entry = entryChecksum(name, meaningOfCredential(credential));
    return { entry, expiresAt: credential.expiresAt };
  }
  const isThere = keys.some(({ owner }, index) => owner === 'ours' && standings[index]?.entry);
  const old = isThere ? { entry: managed?.entry, expiresAt: managed?.expiresAt } : {};
  return { ...old, isWaiting: true };
}

/** The triple's checksum, as much of it as may rest. */
function restingSum({ login, context }: Scene): string | undefined {
  const { name, desired } = login;
  return desired && restingOf(tripleChecksum(name, desired.triple), context);
}

/** Nothing where it would be in a snapshot. */
function restingOf(sum: string | undefined, { request }: Context): string | undefined {
  if (request.mode === 'file') return sum;
  return request.isPrebuild ? undefined : sum?.slice(0, SHORT_LENGTH);
}

function withTriple(scene: Scene): StoredLogin | undefined {
  const { stored } = scene.login;
  return (
    stored && { ...stored, triple: stored.triple ?? restingSum(scene)?.slice(0, SHORT_LENGTH) }
  );
}
