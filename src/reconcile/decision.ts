import { isDamaged } from '../dockerconfig/managed.ts';
import { isAsItWas, isForeign, type Login } from './ownership.ts';
import type { Context, Request } from './request.ts';

/**
 * `write` puts the triple's credential there, `keep` leaves a foreign login alone, `release` takes
 * ours away and puts back what it replaced, `leave` does nothing.
 */
export type Decision = 'write' | 'keep' | 'release' | 'leave';

/** The most recent explicit statement wins. */
export function decide(login: Login, context: Context): Decision {
  const { desired, managed, live } = login;
  if (!desired || mustWait(login, context)) return mayRemove(login, context) ? 'release' : 'leave';
  if (!isForeign(login, context)) return 'write';
  const isExplicit = !desired.isFallback && desired.triple.file === undefined;
  const isNewer = isExplicit ? !isAsItWas(login, context) : false;
  if (isNewer || (context.request.force && !desired.isFallback)) return 'write';
  // Where nothing was ours, there is nothing to do.
  return managed || live !== undefined ? 'keep' : 'leave';
}

/** Whether a triple or an env file that can't be used now keeps the login from being judged. */
function isHeld({ name, managed }: Login, { ids, logins, files }: Request['broken']): boolean {
  const isRecorded = managed?.ids.some((id) => ids.has(id)) || files.has(managed?.file ?? '');
  return isRecorded || logins.has(name);
}

function mayRemove(login: Login, { request }: Context): boolean {
  const { removal, broken } = request;
  if (removal === 'none') return false;
  if (removal !== 'all') return removal.has(login.name);
  const { ids = [] } = login.managed ?? {};
  const isUnclear = login.managed && isDamaged(login.managed);
  return !isUnclear && !ids.some((id) => broken.clashing.has(id)) && !isHeld(login, broken);
}

/**
 * Whether a fallback must wait: its login is another triple's, which may only be out of sight, or
 * which leaves something to restore.
 */
function mustWait(login: Login, context: Context): boolean {
  const { desired, managed, keys } = login;
  if (!desired?.isFallback) return false;
  if (isHeld(login, context.request.broken)) return true;
  if (!managed || managed.isFallback || managed.ids.includes(desired.triple.id)) return false;
  const hasPrevious = keys.some(
    ({ standing }) => (standing.previousEntry ?? standing.previousHelper) !== undefined,
  );
  return hasPrevious || !mayRemove(login, context);
}
