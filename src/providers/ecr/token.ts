import { readToken, type Token } from '../../io/token-cache.ts';
import type { Problem } from '../../problem.ts';
import type { Triple } from '../../secrets/triple.ts';
import { type ExchangeAccess, type ExchangeResult, findTokenFile, isFresh } from '../kept.ts';
import type { Named } from '../registry.ts';
import { fetchInTurn, type MadeToken } from '../turn.ts';
import { type EcrHost, parseEcrHost } from './host.ts';
import { findKeyProblem } from './keys.ts';

/**
 * The token for a triple's AWS keys: a fresh one from the cache, else a new one. If the exchange
 * fails, an unexpired cached token with the problem, else only the problem. Keys that cannot work
 * are not sent. Never throws.
 */
export async function fetchEcrToken(one: Named, access: ExchangeAccess): Promise<ExchangeResult> {
  const { registry, triple } = one;
  const host = parseEcrHost(registry.host);
  if (host === undefined) throw new Error('not an ECR host');
  const wrong = findKeyProblem(triple);
  if (wrong) return { problem: wrong };
  const { cache, now, budgetMs } = access;
  const file = cache && findTokenFile(cache, one);
  const cached = file ? readToken(file) : undefined;
  const isAlive = () => cached !== undefined && now() < cached.expiresAt;
  const limitMs = isAlive() ? Math.min(budgetMs, RENEWAL_MS) : budgetMs;
  // Starts now, so that waiting for another process counts too.
  const signal = AbortSignal.timeout(limitMs);
  const turn = { isFresh: (token: Token) => isFresh(one, token, now()), now, waitMs: limitMs / 2 };
  const make = () => exchangeOnce({ host, triple, signal }, access);
  const { token, ...result } = await fetchInTurn(file, turn, make);
  if (token) return { credential: token };
  return isAlive() ? { ...result, credential: cached } : result;
}

/** How long to wait for a new token while the old one is valid: a slow AWS must not slow pulls. */
const RENEWAL_MS = 3_000;

type Attempt = { readonly host: EcrHost; readonly triple: Triple; readonly signal: AbortSignal };

async function exchangeOnce(
  { host, triple, signal }: Attempt,
  { now, load }: ExchangeAccess,
): Promise<MadeToken> {
  const aws = await load().catch(() => undefined);
  if (aws === undefined) return { problem: notLoaded(triple.id) };
  try {
    const issuedAt = now();
    return { token: { ...(await aws.exchangeEcrKeys(host, triple, signal)), issuedAt } };
  } catch (error) {
    return { problem: aws.explainError(error, host, triple) };
  }
}

function notLoaded(id: string): Problem {
  const what = 'no token, because the Amazon ECR module cannot be loaded';
  return { code: 'ECR_REFUSED', subject: id, what, fix: 'rebuild the container' };
}
