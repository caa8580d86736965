import { entryChecksum, meaningOfTriple, SHORT_LENGTH } from '../dockerconfig/checksum.ts';
import type { StoredLogin } from '../dockerconfig/logins.ts';
import type { Managed } from '../dockerconfig/managed.ts';
import { needsExchange } from '../providers/provider.ts';
import { splitName } from '../registries/keys.ts';
import { helperAfter, isWaiting, keepKey, type NextKey, releaseKey, writeKey } from './after.ts';
import { type Decision, decide } from './decision.ts';
import type { Desired } from './desired.ts';
import { findLogin, HELPER, hasForeignHelper, isAsItWas, type Login } from './ownership.ts';
import type { Request } from './request.ts';

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

/**
 * Nothing changes, but that a record forgets a file that others could change, and what could be
 * guessed from it of a secret that is not beside it.
 */
function leave({ keys, managed, stored, request }: Login): Next {
  const isUnfit = managed?.file !== undefined && request.unfitFiles.includes(managed.file);
  const file = isUnfit ? undefined : managed?.file;
  const isThere = keys.some(({ owner }) => owner === 'ours' || owner === 'wanted');
  const short = isThere ? {} : { entry: shorten(managed?.entry), secret: shorten(managed?.secret) };
  return {
    keys: keys.map((key) => ({ key, after: key })),
    managed: managed && { ...managed, ...short, file },
    stored,
    lacksHelper: false,
  };
}

function release(login: Login): Next {
  const keys = login.keys.map((key) => releaseKey(key, login));
  return { keys, managed: undefined, stored: undefined, lacksHelper: false };
}

function keep(login: Login, desired: Desired): Next {
  const { managed, stored, live, sum, request } = login;
  const { ids, isFallback } = desired;
  const { isPut, hasHelper, lacksHelper } = findHelper(login, desired, false);
  const keys = login.keys.map((key) => keepKey(key, login, isPut, hasHelper));
  // The secret itself is not in the file.
  const short = (text: string | undefined) => shorten(restingOf(text, login));
  const secret = short(isFallback || isAsItWas(login) ? sum : managed?.secret);
  const file = fileOf(desired, request);
  const triple = stored?.triple ?? short(sum);
  return {
    keys,
    managed: { ids, isFallback, hasHelper, isForeign: true, secret, file },
    stored: live && hasHelper ? { ...stored, triple } : undefined,
    lacksHelper,
  };
}

function write(login: Login, desired: Desired): Next {
  const { stored, live, request } = login;
  const { ids, isFallback } = desired;
  const { isPut, hasHelper, lacksHelper, isBlocked } = findHelper(login, desired, true);
  const keys = login.keys.map((key) => writeKey(key, login, isPut));
  const written = recordWritten(login, desired, keys, isBlocked);
  // Where nothing of ours can stand, nothing stays replaced.
  if (!hasHelper && written.entry === undefined) return { ...release(login), lacksHelper };
  const file = fileOf(desired, request);
  return {
    keys,
    managed: { ...written, ids, isFallback, hasHelper, isForeign: false, file },
    // A login by hand stays where no token is there to replace it.
    stored: live && hasHelper && isWaiting(login) ? stored : undefined,
    lacksHelper,
  };
}

/** Of the entry that stands afterwards, and of the triple that has had an effect. */
function recordWritten(
  login: Login,
  { triple }: Desired,
  keys: readonly NextKey[],
  isBlocked: boolean,
): Pick<Managed, 'entry' | 'expiresAt' | 'secret'> {
  const { name, managed, credential, meaning, sum, mode } = login;
  const secret = isBlocked ? undefined : restingOf(sum, login);
  if (mode === 'helper') return { secret };
  if (meaning !== undefined) {
    const entry = meaning === meaningOfTriple(triple) ? sum : entryChecksum(name, meaning);
    return { entry, expiresAt: credential?.expiresAt, secret };
  }
  const isThere = keys.some(({ key, after }) => key.owner === 'ours' && after.entry);
  const { entry, expiresAt } = (isThere ? managed : undefined) ?? {};
  return { entry, expiresAt, secret: managed?.secret };
}

/** What others could change is used when it is named, and never by itself. */
function fileOf({ triple: { file } }: Desired, { unfitFiles }: Request): string | undefined {
  return unfitFiles.includes(file ?? '') ? undefined : file;
}

/** As much of a checksum as may rest: nothing where it would be in a snapshot. */
function restingOf(sum: string | undefined, { mode, request }: Login): string | undefined {
  if (mode === 'file') return sum;
  return request.isPrebuild ? undefined : shorten(sum);
}

function shorten(sum: string | undefined): string | undefined {
  return sum?.slice(0, SHORT_LENGTH);
}

/** Whether our helper is to answer, and can. */
function findHelper(login: Login, desired: Desired, isWritten: boolean) {
  const { keys, state, mode, request } = login;
  // A foreign helper would be asked instead, while it is there.
  const isReplacing = keys.some(
    (key) =>
      key.use === 'entry' && (hasForeignHelper(key) ? isWritten : key.previousHelper !== undefined),
  );
  const { isNamespace, registry, triple } = desired;
  // DevPod saves its own store after our hooks, at each connection.
  const hasStore = state.config.credsStore !== undefined || request.environment.DEVPOD === 'true';
  const isAsked = mode === 'helper' || hasStore || needsExchange(registry, triple);
  const isNeeded = isReplacing || (isNamespace ? isHostHelped(login) : isAsked);
  const isPut = isNeeded && request.canUseHelper;
  const hasHelper = keys.some((key) => helperAfter(key, isPut, isWritten)[0] === HELPER);
  return { isPut, hasHelper, lacksHelper: isNeeded && !isPut, isBlocked: isReplacing && !isPut };
}

/** Whether our helper answers for a namespace's host: clients ask it for every key that is there. */
function isHostHelped({ name, state, request }: Login): boolean {
  const { host } = splitName(name);
  const desired = request.desired.find((one) => one.name === host);
  if (!desired) return false;
  const login = findLogin(host, desired, { state, request });
  return findNext(login, decide(login)).keys.some(({ after }) => after.helper === HELPER);
}
