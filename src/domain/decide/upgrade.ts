import { findLoginKey } from '../registries/keys.ts';

/** An object of a file, before it is known what it holds. */
export type Members = Record<string, unknown>;

/**
 * A ledger of version 1, as 0.1.0 wrote it, in the shape of version 2; nothing in it can be relied
 * on.
 */
export function upgrade({ secret, rows, logins, envFiles }: Members): Members {
  const upgraded = Object.entries(Object(rows) as Members).map(([key, row]) => {
    const hasLogin = Object.hasOwn(Object(logins), findLoginKey(key));
    return [key, upgradeRow(Object(row), hasLogin)] as const;
  });
  return { secret, rows: Object.fromEntries(upgraded), logins, envFiles };
}

function upgradeRow(old: Members, hasLogin: boolean): Members {
  const { id, provider, triple, entry, replacedEntry, adopted, helper, replacedHelper } = old;
  const isKept = old.kept === true;
  const before = adopted === true ? undefined : replacedEntry;
  const ours = entry === undefined ? [] : [entry];
  // What was on its way to the disk, and a login that our helper stood beside: both give way.
  const isOutdated = old.pending === true || (ours.length === 0 && !isKept && !hasLogin);
  return {
    id,
    provider,
    triple: isOutdated ? undefined : triple,
    entry: ours.length > 0 || before !== undefined ? { ours, before } : undefined,
    helper: helper === true ? { ours: [], before: replacedHelper } : undefined,
    theirs: isKept ? true : undefined,
    expiresAt: old.expiresAt,
  };
}
