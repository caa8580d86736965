import type { Credential } from '../../dockerconfig/auth-entry.ts';
import { type Replace, withLock } from '../../dockerconfig/lock.ts';
import type { Problem } from '../../domain/problem.ts';
import type { Triple } from '../../domain/triples/triple.ts';
import {
  keepTokens,
  readToken,
  renderToken,
  type Token,
  type TokenCache,
  tokenFile,
} from '../../io/token-cache.ts';
import type { Named } from '../registry.ts';
import { type EcrHost, parseEcrHost } from './host.ts';
import { findKeyProblem } from './keys.ts';
import type { EcrKeys, EcrRole, EcrToken } from './sdk.ts';

/** What it takes to get a token: all of it injected by the entry. */
export type ExchangeAccess = {
  /** Loads the bundle with the AWS SDK, only when a token must really be exchanged. */
  readonly load: () => Promise<{
    exchangeEcrKeys: (host: EcrHost, keys: Keys, signal: AbortSignal) => Promise<EcrToken>;
    explainError: (error: unknown, host: EcrHost, triple: Triple) => Problem;
  }>;
  readonly cache: TokenCache | undefined;
  /** The cache where there is one already. */
  readonly madeCache: TokenCache | undefined;
  readonly now: () => number;
  /** For all exchanges together. */
  readonly budgetMs: number;
};

type Keys = EcrKeys & { readonly role?: EcrRole };

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
  { registry: { host }, triple }: Named,
  access: ExchangeAccess,
): Promise<ExchangeResult> {
  const ecr = parseEcrHost(host);
  if (ecr === undefined) throw new Error('not an ECR host');
  const wrong = findKeyProblem(triple);
  if (wrong) return { problem: wrong };
  const { cache, now, budgetMs } = access;
  const file = cache && findTokenFile(cache, host, triple);
  const cached = file ? readToken(file) : undefined;
  if (cached && isFresh(cached, now())) return { credential: cached };
  const isAlive = cached !== undefined && cached.expiresAt > now();
  const limitMs = isAlive ? Math.min(budgetMs, RENEWAL_MS) : budgetMs;
  const signal = AbortSignal.timeout(limitMs);
  const limited = { ...access, budgetMs: limitMs };
  const once = { triple, host: ecr, file, access: limited, signal };
  const { token, problem } = await exchangeInTurn(once);
  if (token) return { credential: token };
  const usable = cached && cached.expiresAt > now() ? { credential: cached } : {};
  return { ...usable, problem };
}

function keysOf({ user, password, sessionToken, roleArn, externalId }: Triple): Keys {
  return {
    accessKeyId: user,
    secretAccessKey: password,
    ...(sessionToken ? { sessionToken } : {}),
    ...(roleArn ? { role: { roleArn, ...(externalId ? { externalId } : {}) } } : {}),
  };
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

/**
 * How long to wait for a new token while the old one still lives: no pull should notice that AWS is
 * slow.
 */
const RENEWAL_MS = 3_000;

type Attempt = {
  readonly triple: Triple;
  readonly host: EcrHost;
  readonly file: string | undefined;
  readonly access: ExchangeAccess;
  /** From the beginning, so that waiting for another process counts too. */
  readonly signal: AbortSignal;
};

type Attempted = { readonly token?: Token; readonly problem?: Problem };

/**
 * One of many parallel pulls exchanges; the others find its token once they hold the lock. Trouble
 * with the lock costs no more than that.
 */
async function exchangeInTurn(once: Attempt): Promise<Attempted> {
  const { file, access } = once;
  if (file === undefined) return exchange(once);
  const wait = { now: access.now, waitMs: access.budgetMs / 2, staleMs: 3_000 };
  try {
    return await withLock(file, wait, (replace) => exchange(once, replace));
  } catch {
    return exchange(once);
  }
}

async function exchange(once: Attempt, replace?: Replace): Promise<Attempted> {
  const { triple, host, file, access, signal } = once;
  const waited = file ? readToken(file) : undefined;
  if (waited && isFresh(waited, access.now())) return { token: waited };
  const aws = await access.load().catch(() => undefined);
  if (aws === undefined) return { problem: notLoaded(triple.id) };
  try {
    const issuedAt = access.now();
    const token = { ...(await aws.exchangeEcrKeys(host, keysOf(triple), signal)), issuedAt };
    if (replace) keep(replace, token);
    return { token };
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
