import { explainEcrFailure } from '../domain/ecr-failure.ts';
import type { EcrHost } from '../domain/ecr-host.ts';
import { parseEcrHost } from '../domain/ecr-host.ts';
import type { Problem } from '../domain/problem.ts';
import type { Registry } from '../domain/registry.ts';
import type { EcrKeys, EcrToken } from './ecr-exchange.ts';
import { withLock } from './lock.ts';
import { readToken, type Token, type TokenCache, tokenFile, writeToken } from './token-cache.ts';

/** What it takes to get a token: all of it injected by the entry. */
export type EcrAccess = {
  /** Loads the bundle with the AWS SDK, only when a token must really be exchanged. */
  readonly load: () => Promise<{
    exchangeEcrKeys: (host: EcrHost, keys: EcrKeys, signal: AbortSignal) => Promise<EcrToken>;
  }>;
  readonly cache: TokenCache | undefined;
  readonly now: () => number;
  /** For all exchanges together. */
  readonly budgetMs: number;
};

export type EcrResult = { readonly token?: Token; readonly problem?: Problem };

/**
 * A token for the triple's AWS keys: from the cache during the first half of its life, else exchanged; an unexpired one with the
 * problem when the exchange fails, else the problem alone. Never throws.
 */
export async function findEcrToken(
  { host, triple }: Registry,
  access: EcrAccess,
): Promise<EcrResult> {
  const { cache, now, budgetMs } = access;
  const keys: EcrKeys = {
    accessKeyId: triple.user,
    secretAccessKey: triple.password,
    ...(triple.sessionToken ? { sessionToken: triple.sessionToken } : {}),
  };
  const file = cache && tokenFile(cache, host, [triple.user, triple.password, triple.sessionToken]);
  const cached = file ? readToken(file) : undefined;
  if (cached && isFresh(cached, now())) return { token: cached };
  // From now on, so that waiting for another process counts too.
  const signal = AbortSignal.timeout(budgetMs);
  try {
    const exchange = () => exchangeOnce(parseEcrHost(host), keys, { file, access, signal });
    // One of many parallel pulls exchanges; the others find its token once they hold the lock.
    const token = file
      ? await withLock(
          `${file}.lock`,
          { now, waitMs: budgetMs, staleMs: budgetMs + 1000 },
          exchange,
        )
      : await exchange();
    return { token };
  } catch (error) {
    const usable = cached && cached.expiresAt > now() ? { token: cached } : {};
    return { ...usable, problem: explain(error, host, triple.id) };
  }
}

/** The first half of a token's life: then there is time to renew it before it dies. */
function isFresh({ issuedAt, expiresAt }: Token, now: number): boolean {
  return now < issuedAt + (expiresAt - issuedAt) / 2;
}

type Attempt = { file: string | undefined; access: EcrAccess; signal: AbortSignal };

async function exchangeOnce(
  host: EcrHost | undefined,
  keys: EcrKeys,
  { file, access, signal }: Attempt,
): Promise<Token> {
  const waited = file ? readToken(file) : undefined;
  if (waited && isFresh(waited, access.now())) return waited;
  if (host === undefined) throw new Error('not an ECR host');
  const { exchangeEcrKeys } = await access.load();
  const issuedAt = access.now();
  const token = {
    ...(await exchangeEcrKeys(host, keys, signal)),
    issuedAt,
  };
  if (file) writeToken(file, token);
  return token;
}

function explain(error: unknown, host: string, id: string): Problem {
  const { name, message, code, cause, $metadata } = error as Error & {
    code?: string;
    cause?: { code?: string };
    $metadata?: { httpStatusCode?: number };
  };
  const errno = code ?? cause?.code;
  const failure = {
    name,
    message,
    aborted: name === 'AbortError' || name === 'TimeoutError',
    ...($metadata?.httpStatusCode === undefined ? {} : { httpStatus: $metadata.httpStatusCode }),
    ...(errno === undefined ? {} : { errno }),
  };
  return explainEcrFailure(failure, parseEcrHost(host) ?? { kind: 'public', host }, id);
}
