import { readEntry } from '../config/auth.ts';
import { entryText, isFingerprint } from '../decide/fingerprint.ts';
import { isAlive, type Ledger, type Row } from '../decide/ledger.ts';
import { HELPER_TEXT } from '../decide/place.ts';
import { EMPTIED } from '../decide/slot.ts';
import type { State } from '../decide/state.ts';
import { isExpiredToken } from '../ecr/keys.ts';
import type { Notice, Problem } from '../problem.ts';
import type { Claim } from '../registries/claims.ts';
import { findLoginKey, isHostKey } from '../registries/keys.ts';

/** One key, as the file has it and as the sources want it. */
export type StatusKey = {
  readonly key: string;
  readonly id: string;
  readonly provider: string;
  /** Where the triple is now; undefined when no source of this shell has it. */
  readonly source?: string;
  readonly state: KeyState;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
};

/** Who answers docker, or a client that knows namespaces: the first two are a login of ours. */
export type KeyState =
  | 'file'
  | 'helper'
  /** Somebody's own login. */
  | 'login'
  /** A host's helper is asked instead, which knows no namespaces. */
  | 'unasked'
  /** Somebody's own helper, which is a login too. */
  | 'other-helper'
  | 'logged-out'
  | 'expired'
  /** Our helper is named, and this shell has nothing to answer with. */
  | 'no-secret'
  /** Our helper is named, and cannot be found. */
  | 'no-helper'
  | 'missing'
  /** The files cannot be understood. */
  | 'unknown';

export type Status = {
  readonly config: string;
  readonly credsStore?: string;
  /** Whether there is any triple, be it only a part of one. */
  readonly hasTriples: boolean;
  readonly keys: readonly StatusKey[];
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
};

/** What a state depends on beside the files. */
export type Circumstances = {
  readonly now: number;
  readonly hasHelper: boolean;
  /** Whether our helper would have an answer for a key. */
  readonly canAnswer: (key: string) => boolean;
};

/**
 * Every key that a triple claims or that the ledger knows; an alias only where our helper stands
 * for it.
 */
export function findStatusKeys(
  claims: readonly Claim[],
  state: State,
  circumstances: Circumstances,
): StatusKey[] {
  const { rows } = state.ledger;
  const claimed = claims
    .filter(({ key, use }) => use !== 'alias' || rows[key])
    .map(({ key, triple, registry }) => ({
      key,
      id: triple.id,
      provider: registry.provider,
      source: triple.source,
    }));
  const known = new Set(claimed.map(({ key }) => key));
  const others = Object.entries(rows)
    .filter(([key]) => !known.has(key))
    .map(([key, { id, provider }]) => ({ key, id, provider }));
  return [...claimed, ...others].map((one) => {
    const row = rows[one.key];
    const found = findState(one.key, row, state, circumstances);
    const expiresAt = row?.expiresAt;
    // Our helper gets a new one for a token that has ended.
    const isRenewed = found === 'helper' && (expiresAt ?? 0) <= circumstances.now;
    return { ...one, state: found, ...(expiresAt && !isRenewed ? { expiresAt } : {}) };
  });
}

function findState(
  key: string,
  row: Row | undefined,
  state: State,
  circumstances: Circumstances,
): KeyState {
  if (state.problems.length > 0 || state.notices.length > 0) return 'unknown';
  const helper = state.config.credHelpers.get(hostKeyOf(key));
  const blocked = findBlock(key, helper, circumstances);
  if (blocked) return blocked;
  const { login, isWritten, isExpired } = findLogin(key, row, state, circumstances);
  if (login) return login;
  const isOurs = helper === HELPER_TEXT;
  if (isOurs && circumstances.canAnswer(key)) return 'helper';
  if (isExpired) return 'expired';
  if (isOurs) return 'no-secret';
  return isWritten ? 'file' : isRemoved(row) ? 'logged-out' : 'missing';
}

/** Why the entry does not matter, or our helper does not answer. */
function findBlock(key: string, helper: string | undefined, { hasHelper }: Circumstances) {
  // A helper of no name is docker's word for the file.
  if (helper === undefined || helper === '""') return undefined;
  if (!isHostKey(key)) return 'unasked';
  if (helper !== HELPER_TEXT) return 'other-helper';
  return hasHelper ? undefined : 'no-helper';
}

/** What somebody else did here, or whether an entry of ours stands. */
function findLogin(
  key: string,
  row: Row | undefined,
  { config, ledger }: State,
  { now }: Circumstances,
): { login?: KeyState; isWritten?: boolean; isExpired?: boolean } {
  const login = ledger.logins[findLoginKey(key)];
  if (login && login.user === undefined) return { login: 'logged-out' };
  if (login && isAlive(login, now)) return { login: 'login' };
  const entry = config.auths.get(key);
  const isWritten = entry !== undefined && isOurs(entry, row, ledger);
  if (entry !== undefined && !isWritten) return { login: isDead(entry, now) ? 'expired' : 'login' };
  return { isWritten, isExpired: (row?.expiresAt ?? Number.POSITIVE_INFINITY) <= now };
}

/** The key under which a helper stands for a namespace's host. */
function hostKeyOf(key: string): string {
  return isHostKey(key) ? key : (key.split('/', 1)[0] ?? key);
}

function isOurs(entry: string, row: Row | undefined, { secret }: Ledger): boolean {
  const text = entryText(JSON.parse(entry));
  return row?.entry?.ours.some((mark) => isFingerprint(mark, text, secret)) ?? false;
}

/** An ECR token whose hours are over. */
function isDead(entry: string, now: number): boolean {
  const { user = '', secret = '' } = readEntry(entry) ?? {};
  return isExpiredToken(user, secret, now);
}

/** What we wrote last was an entry, and it is gone. */
function isRemoved(row: Row | undefined): boolean {
  const last = row?.entry?.ours.at(-1);
  return last !== undefined && last !== EMPTIED;
}
