import type { Credential } from '../dockerconfig/auth-entry.ts';
import { findExpiry, findProvider, isGiven } from '../providers/find.ts';
import { needsExchange } from '../providers/provider.ts';
import type { Desired } from '../reconcile/desired.ts';
import { findLogin, isOurs } from '../reconcile/ownership.ts';
import type { Context } from '../reconcile/request.ts';
import { loginName, splitName } from '../registries/keys.ts';
import type { Origin } from './advice.ts';
import type { Finding } from './finding.ts';
import type { CheckTarget } from './targets.ts';

/** What a client would send, and its origin. */
export type Sent = {
  readonly credential: Credential;
  /** As shown: a source of variables, `login`, a variable or a program. */
  readonly source: string;
  readonly origin: Origin;
  /** When it expires, and how it differs from the triple. */
  readonly notes: readonly string[];
};

/** Why nothing can be sent, so that no request is made. */
export type Unsent = Pick<Finding, 'outcome' | 'source' | 'what' | 'fix'>;

export type SenderPlace = Context & Pick<CheckTarget, 'key' | 'desired'>;

/** Shown as the source of our entry if no source has its secret any more. */
const FILE = 'config.json';

export function judgeEntry(credential: Credential, place: SenderPlace): Sent {
  const { key, desired, state, request } = place;
  const { now } = request;
  if (desired && isOf(desired, credential)) return fromTriple(desired, credential, now);
  const { managed, keys } = findLogin(loginName(key), { state, request });
  const found = keys.find((one) => one.key === key);
  const id = managed?.ids[0];
  if (id === undefined || !found || !isOurs(found)) return fromOthers(credential, place);
  if (desired && needsExchange(desired)) return fromTriple(desired, credential, now);
  const notes = desired
    ? [`older than the secret of ${desired.triple.id}`]
    : [`written from the secret of ${id}, which is not set in this shell`];
  const isExchanged = findProvider(splitName(loginName(key)).host).exchangedUser !== undefined;
  const about = { isExchanged, isGiven: managed?.isFallback && isGiven(id) };
  const origin = { kind: 'triple', id, ...about, isOld: desired !== undefined } as const;
  return { credential, source: FILE, origin, notes: [...notes, ...end(credential, now)] };
}

function isOf({ triple }: Desired, { user, secret }: Credential): boolean {
  return triple.user === user && triple.password === secret;
}

/** The triple's own credential, or the token for its keys. */
export function fromTriple(desired: Desired, credential: Credential, now: number): Sent {
  const { id, source, isGiven } = desired.triple;
  const isExchanged = needsExchange(desired);
  const origin = { kind: 'triple', id, isExchanged, isGiven } as const;
  return { credential, source, origin, notes: end(credential, now) };
}

/** A foreign credential: of a `docker login`, or of another program or its variable. */
export function fromOthers(
  credential: Credential,
  { desired, request }: SenderPlace,
  origin: Exclude<Origin, { kind: 'triple' | 'none' }> = { kind: 'login' },
): Sent {
  const notes = [...differs(desired, credential), ...end(credential, request.now)];
  return { credential, source: 'name' in origin ? origin.name : 'login', origin, notes };
}

function differs(desired: Desired | undefined, credential: Credential): string[] {
  if (!desired || desired.isFallback || isOf(desired, credential)) return [];
  return [`not the secret of ${desired.triple.id}`];
}

function end(credential: Credential, now: number): string[] {
  const time = credential.expiresAt ?? findExpiry(credential);
  if (time === undefined) return [];
  const date = new Date(time).toISOString();
  return [time <= now ? `a token that expired at ${date}` : `a token that expires at ${date}`];
}

/** Why docker has nothing to send although it should: the most likely reason. */
export function whyNothing({ key, desired, state }: SenderPlace) {
  const name = loginName(key);
  const stored = state.logins.get(name);
  const fix = 'run registry-auth apply';
  if (stored && stored.user === undefined)
    return { what: 'logged out by hand', fix: `${fix} --force, or log in again` };
  if (desired) return { what: 'not written yet', fix };
  const { ids, isFallback } = state.config.records.logins.get(name) ?? {};
  const id = ids?.[0];
  if (id === undefined)
    return { what: 'it has no triple', fix: 'set its three secrets, or run docker login' };
  if (isFallback && isGiven(id))
    return {
      what: `${id} is not set in this shell`,
      fix: `run this in a codespace, where ${id} is set`,
    };
  return {
    what: `the secret of ${id} is not set in this shell`,
    fix: `run this where ${id} is set; in a codespace grant it to this repository, then stop and start the codespace`,
  };
}
