import type { Credential } from '../../dockerconfig/auth-entry.ts';
import {
  keepTokens,
  readToken,
  type Token,
  type TokenCache,
  tokenFile,
} from '../../io/token-cache.ts';
import type { Problem } from '../../problem.ts';
import { loginName } from '../../registries/keys.ts';
import { findJwtEnd } from '../../secrets/printed.ts';
import { type Named, needsExchange } from '../provider.ts';

type Sdk = typeof import('../ecr/sdk.ts');

/** What an exchange needs, injected by the entry point. */
export type ExchangeAccess = {
  /** Loads the bundle with the AWS SDK, only for an actual exchange. */
  readonly load: () => Promise<Pick<Sdk, 'exchangeEcrKeys' | 'explainError'>>;
  readonly cache: TokenCache | undefined;
  /** The cache, if it already exists. */
  readonly madeCache: TokenCache | undefined;
  readonly now: () => number;
  /** For all exchanges together. */
  readonly budgetMs: number;
  /** Runs a command; absent if none may run. */
  readonly run?: ((command: string, limitMs: number) => Promise<CommandEnd>) | undefined;
};

/** What a command printed, or why we cannot use it. */
export type CommandEnd = { readonly output: Buffer } | { readonly what: string };

export type ExchangeResult = {
  readonly credential?: Credential | undefined;
  readonly problem?: Problem | undefined;
};

/** Depends on the login and on what makes the token: another role gets another token. */
export function findTokenFile(cache: TokenCache, { registry, triple }: Named): string {
  const { user, password, command, sessionToken, roleArn = '', externalId } = triple;
  const parts =
    command === undefined
      ? [user + roleArn, password, sessionToken, externalId]
      : [`${user}\0command`, command];
  return tokenFile(cache, loginName(registry.host), parts);
}

/**
 * Whether no new secret is needed. Keys are exchanged again in the second half of a token's life,
 * which leaves time before it expires.
 */
export function isFresh({ triple }: Named, { issuedAt, expiresAt }: Token, now: number): boolean {
  if (triple.command !== undefined) return issuedAt <= now && now < expiresAt;
  return now < expiresAt && now < issuedAt + (expiresAt - issuedAt) / 2;
}

/** A command's output has its own expiry, which is not that of our cache. */
export function credentialOf({ triple }: Named, { user, secret, expiresAt }: Token): Credential {
  const end = triple.command === undefined ? expiresAt : findJwtEnd(secret);
  return end === undefined ? { user, secret } : { user, secret, expiresAt: end };
}

/** The cached secret of a triple, if it is fresh. */
export function readFresh(one: Named, { cache, now }: ExchangeAccess): Credential | undefined {
  const token = cache && readToken(findTokenFile(cache, one));
  return token && isFresh(one, token, now()) ? credentialOf(one, token) : undefined;
}

export function readKeptToken(one: Named, { madeCache, now }: ExchangeAccess): Token | undefined {
  const token = madeCache && readToken(findTokenFile(madeCache, one));
  return token && now() < token.expiresAt ? token : undefined;
}

/** Removes every token but those of these triples: its secret is gone, or has changed. */
export function keepTokensOf(all: readonly Named[], { madeCache: cache }: ExchangeAccess): void {
  if (!cache) return;
  const files = all.filter(needsExchange).map((one) => findTokenFile(cache, one));
  keepTokens(cache, files);
}
