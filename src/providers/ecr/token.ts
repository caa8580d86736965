import type { Credential } from '../../dockerconfig/auth-entry.ts';
import { type LockOptions, type Replace, withLock } from '../../dockerconfig/lock.ts';
import {
  keepTokens,
  readToken,
  renderToken,
  type Token,
  type TokenCache,
  tokenFile,
} from '../../io/token-cache.ts';
import type { Problem } from '../../problem.ts';
import type { Triple } from '../../secrets/triple.ts';
import type { Named } from '../registry.ts';
import { type EcrHost, parseEcrHost } from './host.ts';
import { findKeyProblem } from './keys.ts';
import type { EcrKeys, EcrToken } from './sdk.ts';

/** What it takes to get a token: all of it injected by the entry. */
export type ExchangeAccess = {
  /** Loads the bundle with the AWS SDK, only when a token must really be exchanged. */
  readonly load: () => Promise<{
    exchangeEcrKeys: (host: EcrHost, keys: EcrKeys, signal: AbortSignal) => Promise<EcrToken>;
    explainError: (error: unknown, host: EcrHost, triple: Triple) => Problem;
  }>;
  readonly cache: TokenCache | undefined;
  /** The cache where there is one already. */
  readonly madeCache: TokenCache | undefined;
  readonly now: () => number;
  /** For all exchanges together. */
  readonly budgetMs: number;
};

export type ExchangeResult = {
  readonly credential?: Credential | undefined;
  readonly problem?: Problem | undefined;
};

/**
 * A token for the triple's AWS keys: from the cache during the first half of its life, else
 * exchanged; an unexpired one with the problem when the exchange fails, else the problem alone.
 * Keys that cannot work are not sent. Never throws.
 */
export async function fetchEcrToken(
  { registry, triple }: Named,
  access: ExchangeAccess,
): Promise<ExchangeResult> {
  const host = parseEcrHost(registry.host);
  if (host === undefined) throw new Error('not an ECR host');
  const wrong = findKeyProblem(triple);
  if (wrong) return { problem: wrong };
  const { cache, now, budgetMs } = access;
  const file = cache && findTokenFile(cache, registry.host, triple);
  const cached = file ? readToken(file) : undefined;
  if (cached && isFresh(cached, now())) return { credential: cached };
  const isAlive = () => cached !== undefined && now() < cached.expiresAt;
  const limitMs = isAlive() ? Math.min(budgetMs, RENEWAL_MS) : budgetMs;
  // From now on, so that waiting for another process counts too.
  const signal = AbortSignal.timeout(limitMs);
  const exchange = (replace?: Replace) =>
    exchangeOnce({ host, triple, file, signal }, access, replace);
  const result = await (file ? inTurn(file, { now, waitMs: limitMs / 2 }, exchange) : exchange());
  return !result.credential && isAlive() ? { ...result, credential: cached } : result;
}

/** A token of the triple's keys that still lives and needs no question to AWS. */
export function readCachedToken(
  { registry, triple }: Named,
  { madeCache, now }: ExchangeAccess,
): Credential | undefined {
  const token = madeCache && readToken(findTokenFile(madeCache, registry.host, triple));
  return token && now() < token.expiresAt ? token : undefined;
}

/** Another role is another token. */
function findTokenFile(cache: TokenCache, host: string, triple: Triple): string {
  const { user, password, sessionToken, roleArn = '', externalId } = triple;
  return tokenFile(cache, host, [user + roleArn, password, sessionToken, externalId]);
}

/** Takes along the tokens of all triples but these: one whose secret is gone, or has changed. */
export function keepTokensOf(all: readonly Named[], { madeCache }: ExchangeAccess): void {
  if (!madeCache) return;
  const amazons = all.filter(({ registry }) => parseEcrHost(registry.host));
  const files = amazons.map((one) => findTokenFile(madeCache, one.registry.host, one.triple));
  keepTokens(madeCache, files);
}

/** How long to wait for a new token while the old one is valid: no pull should be slow with AWS. */
const RENEWAL_MS = 3_000;

/** One of many parallel pulls exchanges, the others find its token; without a lock each does. */
async function inTurn(
  file: string,
  wait: Pick<LockOptions, 'now' | 'waitMs'>,
  exchange: (replace?: Replace) => Promise<ExchangeResult>,
): Promise<ExchangeResult> {
  try {
    return await withLock(file, { ...wait, staleMs: 3_000 }, exchange);
  } catch {
    return exchange();
  }
}

type Attempt = {
  readonly host: EcrHost;
  readonly triple: Triple;
  readonly file: string | undefined;
  readonly signal: AbortSignal;
};

async function exchangeOnce(
  { host, triple, file, signal }: Attempt,
  { now, load }: ExchangeAccess,
  replace?: Replace,
): Promise<ExchangeResult> {
  const waited = file ? readToken(file) : undefined;
  if (waited && isFresh(waited, now())) return { credential: waited };
  const aws = await load().catch(() => undefined);
  if (aws === undefined) return { problem: notLoaded(triple.id) };
  try {
    const issuedAt = now();
    const token = { ...(await aws.exchangeEcrKeys(host, triple, signal)), issuedAt };
    if (replace) keep(replace, token);
    return { credential: token };
  } catch (error) {
    return { problem: aws.explainError(error, host, triple) };
  }
}

function notLoaded(id: string): Problem {
  const what = 'no token, because our part for Amazon ECR cannot be loaded';
  return { code: 'ECR_REFUSED', subject: id, what, fix: 'rebuild the container' };
}

/** A token that cannot be kept is as good as one that can. */
function keep(replace: Replace, token: Token): void {
  try {
    replace(renderToken(token));
  } catch {
    // The next pull exchanges anew.
  }
}

/** The first half of a token's life: then there is time to renew it before it dies. */
function isFresh({ issuedAt, expiresAt }: Token, now: number): boolean {
  return now < expiresAt && now < issuedAt + (expiresAt - issuedAt) / 2;
}
