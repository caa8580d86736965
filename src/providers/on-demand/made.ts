import { attempt } from '../../attempt.ts';
import { type Replace, type WaitFor, withLock } from '../../dockerconfig/lock.ts';
import { readToken, type Token } from '../../io/token-cache.ts';
import type { Problem } from '../../problem.ts';
import { findJwtEnd, parsePrinted } from '../../secrets/printed.ts';
import { variableName } from '../../secrets/triple.ts';
import { parseEcrHost } from '../ecr/host.ts';
import { findKeyProblem } from '../ecr/keys.ts';
import type { Named } from '../provider.ts';
import {
  credentialOf,
  type ExchangeAccess,
  type ExchangeResult,
  findTokenFile,
  isFresh,
} from './kept.ts';

/** A bundle of its own: most triples hold the secret itself. */

/** How long to wait for a new token while the old one is valid: a slow AWS must not slow pulls. */
const RENEWAL_MS = 3_000;

/**
 * The secret that a triple's command or keys make: a fresh one from the cache, else a new one. If
 * an exchange of keys fails, an unexpired cached token with the problem, else only the problem.
 * Keys that cannot work are not sent. Never throws.
 */
export async function fetchMade(one: Named, access: ExchangeAccess): Promise<ExchangeResult> {
  const { triple } = one;
  const { cache, now, budgetMs } = access;
  const wrong = findKeyProblem(triple);
  if (wrong) return { problem: wrong };
  const file = cache && findTokenFile(cache, one);
  const isPrinted = triple.command !== undefined;
  // What a command printed is fresh as long as it is valid.
  const cached = file && !isPrinted ? readToken(file) : undefined;
  const isAlive = () => cached !== undefined && now() < cached.expiresAt;
  const limitMs = isAlive() ? Math.min(budgetMs, RENEWAL_MS) : budgetMs;
  // Both start now, so that waiting for another process counts too.
  const signal = AbortSignal.timeout(limitMs);
  const endsAt = now() + limitMs;
  const turn = { isFresh: (token: Token) => isFresh(one, token, now()), now, waitMs: limitMs / 2 };
  const { token, ...result } = await fetchInTurn(file, turn, () =>
    isPrinted ? runCommand(one, access, endsAt - now()) : exchangeKeys(one, access, signal),
  );
  if (token) return { credential: credentialOf(one, token) };
  return isAlive() ? { ...result, credential: cached } : result;
}

/** A token, or why there is none. */
type MadeToken = { readonly token?: Token; readonly problem?: Problem };

async function exchangeKeys(
  { registry, triple }: Named,
  { now, load }: ExchangeAccess,
  signal: AbortSignal,
): Promise<MadeToken> {
  const host = parseEcrHost(registry.host);
  if (host === undefined) throw new Error('not an ECR host');
  const aws = await load().catch(() => undefined);
  if (aws === undefined) {
    const what = 'no token, because the Amazon ECR module cannot be loaded';
    const fix = 'rebuild the container';
    return { problem: { code: 'ECR_REFUSED', subject: triple.id, what, fix } };
  }
  try {
    const issuedAt = now();
    return { token: { ...(await aws.exchangeEcrKeys(host, triple, signal)), issuedAt } };
  } catch (error) {
    return { problem: aws.explainError(error, host, triple) };
  }
}

/** How long a command may run, and how long we use output that has no expiry. */
const LIMIT_MS = 10_000;
const KEPT_MS = 300_000;
/** How long before its expiry we stop using a token. */
const MARGIN_MS = 60_000;

/** Its problem repeats neither the command nor its output. */
async function runCommand(
  { triple: { id, user, command = '' } }: Named,
  { now, run }: ExchangeAccess,
  leftMs: number,
): Promise<MadeToken> {
  const end = (await run?.(command, Math.min(LIMIT_MS, leftMs))) ?? { what: 'is not run here' };
  const printed = 'output' in end ? parsePrinted(end.output) : end;
  if ('what' in printed) {
    const subject = variableName(id, 'PASSWORD_COMMAND');
    const fix =
      'run it with sh -c in a terminal, from the folder /, until it prints only the secret';
    return { problem: { code: 'PASSWORD_COMMAND_FAILED', subject, what: printed.what, fix, id } };
  }
  const { secret } = printed;
  const issuedAt = now();
  const jwtEnd = findJwtEnd(secret);
  const expiresAt = jwtEnd === undefined ? issuedAt + KEPT_MS : jwtEnd - MARGIN_MS;
  return { token: { user, secret, issuedAt, expiresAt } };
}

type Turn = {
  readonly now: () => number;
  /** How long to wait for another process that makes the same token. */
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
  const fetch = async (replace?: Replace, waitFor: WaitFor = (work) => work) => {
    const found = readToken(file);
    if (found && isFresh(found)) return { token: found };
    const made = await waitFor(make());
    const text = JSON.stringify(made.token);
    // If storing fails, the token is still good.
    if (made.token && replace) attempt(() => replace(text));
    return made;
  };
  try {
    return await withLock(file, { now, endsAt: now() + waitMs }, fetch);
  } catch {
    return fetch();
  }
}
