import { type LockOptions, type Replace, withLock } from '../dockerconfig/lock.ts';
import { readToken, renderToken, type Token } from '../io/token-cache.ts';
import type { Problem } from '../problem.ts';

/** A token, or why there is none. */
export type MadeToken = { readonly token?: Token; readonly problem?: Problem };

/** `waitMs` is how long to wait for another process that makes the same token. */
type Turn = Pick<LockOptions, 'now'> & {
  readonly waitMs: number;
  readonly isFresh: (token: Token) => boolean;
};

/**
 * The file's token if it is fresh, else a new one, which is then stored there. If many processes
 * need it, one makes it while the others wait; if that takes too long, each makes its own.
 */
export async function fetchInTurn(
  file: string | undefined,
  { isFresh, now, waitMs }: Turn,
  make: () => Promise<MadeToken>,
): Promise<MadeToken> {
  if (file === undefined) return make();
  const fetch = async (replace?: Replace) => {
    const found = readToken(file);
    if (found && isFresh(found)) return { token: found };
    const made = await make();
    if (made.token && replace) keep(replace, made.token);
    return made;
  };
  try {
    return await withLock(file, { now, endsAt: now() + waitMs }, fetch);
  } catch {
    return fetch();
  }
}

/** If storing fails, the token is still good. */
function keep(replace: Replace, token: Token): void {
  try {
    replace(renderToken(token));
  } catch {
    // The next pull makes its own token.
  }
}
