import type { Notice, Problem } from '../domain/problem.ts';
import { variableName } from '../domain/triples/triple.ts';
import { type ExchangeAccess, fetchEcrToken } from './ecr/token.ts';
import { isExpired } from './find.ts';
import { type Credentials, needsExchange } from './provider.ts';
import type { Named } from './registry.ts';

/** Only Amazon's keys are exchanged: whatever asks for a token asks here. */
export { type ExchangeAccess, fetchEcrToken as exchangeKeys, keepTokensOf } from './ecr/token.ts';

/** What became of every triple whose credential is not the registry's own. */
export type Exchange = {
  readonly credentials: Credentials;
  /** IDs for which AWS gave no token. */
  readonly unavailable: ReadonlySet<string>;
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
};

export const NO_EXCHANGE: Exchange = {
  credentials: new Map(),
  unavailable: new Set(),
  problems: [],
  notices: [],
};

/** All exchanges at once, within one budget; a failed one costs the others nothing. */
export async function exchangeAll(
  all: readonly Named[],
  access: ExchangeAccess,
): Promise<Exchange> {
  const named = [...new Map(all.map((one) => [one.triple.id, one])).values()];
  const results = await Promise.all(
    named
      .filter(({ registry, triple }) => needsExchange(registry, triple))
      .map(async (one) => ({ id: one.triple.id, ...(await fetchEcrToken(one, access)) })),
  );
  return {
    credentials: new Map(results.map(({ id, credential }) => [id, credential ?? 'unavailable'])),
    unavailable: new Set(results.flatMap(({ id, credential }) => (credential ? [] : id))),
    // Swapped keys are told wherever a triple is looked at.
    problems: results.flatMap(({ problem }) =>
      problem && problem.code !== 'ECR_KEYS_SWAPPED' ? problem : [],
    ),
    notices: named.filter((one) => isTokenDead(one, access.now())).map(expiredToken),
  };
}

function isTokenDead({ triple, registry }: Named, now: number): boolean {
  const isToken = registry.provider.findExpiry !== undefined;
  return isToken && isExpired({ user: triple.user, secret: triple.password }, now);
}

function expiredToken({ triple: { id } }: Named): Notice {
  const subject = variableName(id, 'PASSWORD');
  const what = 'holds an ECR token that has expired; written all the same';
  const keys = 'an AWS access key id and its secret, which are exchanged for fresh tokens';
  return { code: 'ECR_TOKEN_EXPIRED', subject, what, fix: `set USER and PASSWORD to ${keys}` };
}
