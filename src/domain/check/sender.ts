import type { Credential } from '../config/auth.ts';
import { entryText, isFingerprint } from '../decide/fingerprint.ts';
import type { State } from '../decide/state.ts';
import { ECR_TOKEN_USER, findTokenExpiry, needsExchange } from '../ecr/keys.ts';
import type { Claim } from '../registries/claims.ts';
import { findLoginKey } from '../registries/keys.ts';
import type { Origin } from './advice.ts';
import type { CheckOutcome } from './outcome.ts';

/** What a client would send, and all that a person should know about where it comes from. */
export type Sent = {
  readonly credential: Credential;
  /** As shown: a source of variables, `login`, a variable or a program. */
  readonly source: string;
  readonly origin: Origin;
  /** When it ends, and how it differs from what the triple says. */
  readonly notes: readonly string[];
};

/** Why nothing can be sent, so that nothing is asked. */
export type Unsent = {
  readonly outcome: CheckOutcome;
  readonly source?: string;
  readonly what: string;
  readonly fix: string;
};

/** A key of a client's, what wants it, and both of our files. */
export type Place = {
  readonly key: string;
  readonly claim?: Claim | undefined;
  readonly state: State;
  readonly now: number;
};

/** The source of what we wrote, and of which no source has the secret any more. */
const FILE = 'config.json';

/** Judges a credential of Docker's own file. */
export function judgeEntry(credential: Credential, place: Place): Sent {
  const { key, claim, state } = place;
  if (claim && isOf(claim, credential)) return fromTriple(claim, credential, place.now);
  const row = state.ledger.rows[key];
  const text = entryText(JSON.parse(state.config.auths.get(key) ?? '{}'));
  const { secret } = state.ledger;
  const isOurs = row?.entry?.ours.some((mark) => isFingerprint(mark, text, secret));
  if (!row || !isOurs) return fromLogin(credential, place);
  if (claim && needsExchange(claim.registry, claim.triple))
    return fromTriple(claim, credential, place.now);
  const notes = claim
    ? [`older than the secret of ${claim.triple.id}`]
    : [`written from the secret of ${row.id}, which is not in this shell`];
  const isExchanged = row.provider.startsWith('ecr');
  const origin = { kind: 'triple', id: row.id, isExchanged, isOld: claim !== undefined } as const;
  return { credential, source: FILE, origin, notes: [...notes, ...end(credential, place.now)] };
}

function isOf({ triple }: Claim, { user, secret }: Credential): boolean {
  return triple.user === user && triple.password === secret;
}

/** The triple's own credential, or a token that its keys were exchanged for. */
export function fromTriple({ triple, registry }: Claim, credential: Credential, now: number): Sent {
  const { id, source } = triple;
  const isExchanged = needsExchange(registry, triple);
  const origin = { kind: 'triple', id, isExchanged } as const;
  return { credential, source, origin, notes: end(credential, now) };
}

/** A login by hand. */
export function fromLogin(credential: Credential, { claim, now }: Place): Sent {
  const notes = [...differs(claim, credential), ...end(credential, now)];
  return { credential, source: 'login', origin: { kind: 'login' }, notes };
}

/** A credential of somebody else's variable or program. */
export function fromOthers(
  credential: Credential,
  { claim, now }: Place,
  origin: Extract<Origin, { name: string }>,
): Sent {
  const notes = [...differs(claim, credential), ...end(credential, now)];
  return { credential, source: origin.name, origin, notes };
}

function differs(claim: Claim | undefined, credential: Credential): string[] {
  if (claim?.rank !== 'explicit' || isOf(claim, credential)) return [];
  return [`not the secret of ${claim.triple.id}`];
}

function end({ user, secret, expiresAt }: Credential, now: number): string[] {
  const time = expiresAt ?? (user === ECR_TOKEN_USER ? findTokenExpiry(secret) : undefined);
  if (time === undefined) return [];
  const date = new Date(time).toISOString();
  return [time <= now ? `a token that ended at ${date}` : `a token that ends at ${date}`];
}

/** Why docker has nothing to send, where it should have: the nearest that is known. */
export function whyNothing({ key, claim, state }: Place): Pick<Unsent, 'what' | 'fix'> {
  const { rows, logins } = state.ledger;
  const login = logins[findLoginKey(key)];
  const fix = 'run registry-auth apply';
  if (login && login.user === undefined)
    return { what: 'logged out by hand', fix: `${fix} --force, or log in again` };
  if (claim) return { what: 'not written yet', fix };
  const id = rows[key]?.id;
  if (id === undefined)
    return { what: 'no triple names it', fix: 'set its three secrets, or run docker login' };
  return {
    what: `the secret of ${id} is not in this shell`,
    fix: `run this where ${id} is set; in a codespace grant it to this repository, then stop and start the codespace`,
  };
}
