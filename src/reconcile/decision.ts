import { isDamaged } from '../dockerconfig/managed.ts';
import { isAsItWas, isForeign, type Login } from './ownership.ts';

/**
 * `write` writes the triple's credential, `keep` keeps a foreign login, `release` removes ours and
 * restores what it replaced, `leave` does nothing.
 */
export type Decision = 'write' | 'keep' | 'release' | 'leave';

/** What you did last wins. */
export function decide(login: Login): Decision {
  const { desired, managed, live, request } = login;
  if (!desired || mustWait(login)) return mayRemove(login) ? 'release' : 'leave';
  if (!isForeign(login)) return 'write';
  const isNewer = desired.triple.file === undefined && !isAsItWas(login);
  if (!desired.isFallback && (isNewer || request.force)) return 'write';
  // If nothing was ours, there is nothing to do.
  return managed || live !== undefined ? 'keep' : 'leave';
}

/** Whether we cannot decide, because a triple or env file of the login is unusable now. */
function isHeld({ name, managed, request: { broken } }: Login): boolean {
  const isRecorded = managed?.ids.some((id) => broken.ids.has(id));
  return isRecorded || broken.files.has(managed?.file ?? '') || broken.logins.has(name);
}

function mayRemove(login: Login): boolean {
  const { name, managed } = login;
  const { removal, broken } = login.request;
  if (removal === 'none') return false;
  if (removal !== 'all') return removal.has(name);
  const isUnclear = managed && isDamaged(managed);
  return !isUnclear && !managed?.ids.some((id) => broken.clashing.has(id)) && !isHeld(login);
}

/**
 * Whether a fallback must wait: another triple left the login, and may only be missing in this
 * shell, or has a previous one to restore.
 */
function mustWait(login: Login): boolean {
  const { desired, managed, keys } = login;
  if (!desired?.isFallback) return false;
  if (isHeld(login)) return true;
  if (!managed || managed.isFallback || managed.ids.includes(desired.triple.id)) return false;
  const hasPrevious = keys.some(
    ({ previousEntry, previousHelper }) => (previousEntry ?? previousHelper) !== undefined,
  );
  return hasPrevious || !mayRemove(login);
}
