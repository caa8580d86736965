import { entryText, fingerprintsOf } from '../decide/fingerprint.ts';
import type { Ledger, Row } from '../decide/ledger.ts';
import { HELPER_TEXT } from '../decide/place.ts';
import type { State } from '../decide/state.ts';
import type { Notice, Problem } from '../problem.ts';
import type { Claim } from '../registries/claims.ts';
import { findLoginKey } from '../registries/server.ts';

/** One key, as the file has it and as the sources want it. */
export type StatusKey = {
  readonly key: string;
  readonly id: string;
  readonly provider: string;
  /** Where the triple is now; undefined when no source of this shell has it. */
  readonly source?: string;
  /** Who answers docker: the file, our helper, somebody's own login, or nobody yet. */
  readonly state: 'file' | 'helper' | 'login' | 'logged-out' | 'expired' | 'missing';
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
};

export type Status = {
  readonly config: string;
  readonly credsStore?: string;
  readonly keys: readonly StatusKey[];
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
};

/**
 * Every key that a triple claims or that the ledger knows; an alias only where our helper stands
 * for it.
 */
export function findStatusKeys(claims: readonly Claim[], state: State, now: number): StatusKey[] {
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
    const found = findState(one.key, row, state, { now, hasSource: 'source' in one });
    const expiresAt = row?.expiresAt;
    return { ...one, state: found, ...(expiresAt === undefined ? {} : { expiresAt }) };
  });
}

function findState(
  key: string,
  row: Row | undefined,
  { config, ledger }: State,
  { now, hasSource }: { readonly now: number; readonly hasSource: boolean },
): StatusKey['state'] {
  const login = ledger.logins[findLoginKey(key)];
  if (login) return login.user === undefined ? 'logged-out' : 'login';
  const entry = config.auths.get(key);
  const isWritten = entry !== undefined && isOurs(entry, row, ledger);
  if (entry !== undefined && !isWritten) return 'login';
  const isExpired = (row?.expiresAt ?? Number.POSITIVE_INFINITY) <= now;
  const isHelped = config.credHelpers.get(key) === HELPER_TEXT;
  if (isHelped && (hasSource || !isExpired)) return 'helper';
  if (isExpired) return 'expired';
  return isWritten ? 'file' : 'missing';
}

function isOurs(entry: string, row: Row | undefined, { secret }: Ledger): boolean {
  const marks = fingerprintsOf(secret);
  return row?.entry?.ours.some((mark) => marks.matches(mark, entryText(entry))) ?? false;
}
