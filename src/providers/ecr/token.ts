import { readToken, type Token } from '../../io/token-cache.ts';
import type { Problem } from '../../problem.ts';
import type { Triple } from '../../secrets/triple.ts';
import { type ExchangeAccess, type ExchangeResult, findTokenFile, isFresh } from '../kept.ts';
import type { Named } from '../registry.ts';
import { fetchInTurn, type MadeToken } from '../turn.ts';
import { type EcrHost, parseEcrHost } from './host.ts';
import { findKeyProblem } from './keys.ts';

/**
 * A token for the triple's AWS keys: a fresh one that is kept, else exchanged; an unexpired one with
 * the problem when the exchange fails, else the problem alone. Keys that cannot work are not sent.
 * Never throws.
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
  // From now on, so that waiting for another process counts too.
  const signal = AbortSignal.timeout(limitMs);
  const turn = { isFresh: (token: Token) => isFresh(one, token, now()), now, waitMs: limitMs / 2 };
  const make = () => exchangeOnce({ host, triple, signal }, access);
  const { token, ...result } = await fetchInTurn(file, turn, make);
  if (token) return { credential: token };
  return isAlive() ? { ...result, credential: cached } : result;
}

/** How long to wait for a new token while the old one is valid: no pull should be slow with AWS. */
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
