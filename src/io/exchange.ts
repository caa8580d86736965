import type { Credentials } from '../domain/decide/request.ts';
import { isExpiredToken, needsExchange } from '../domain/ecr/keys.ts';
import type { Notice, Problem } from '../domain/problem.ts';
import type { Claim } from '../domain/registries/claims.ts';
import { variableName } from '../domain/triples/triple.ts';
import { type EcrAccess, findEcrToken } from './ecr.ts';

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
export async function exchangeAll(claims: readonly Claim[], ecr: EcrAccess): Promise<Exchange> {
  const ofAmazon = claims.filter(({ registry }) => registry.ecr);
  const amazons = [...new Map(ofAmazon.map((claim) => [claim.triple.id, claim])).values()];
  const isExchanged = ({ registry, triple }: Claim) => needsExchange(registry, triple);
  const results = await Promise.all(
    amazons.filter(isExchanged).map(async (claim) => ({
      id: claim.triple.id,
      ...(await findEcrToken(claim, ecr)),
    })),
  );
  return {
    credentials: new Map(results.map(({ id, credential }) => [id, credential ?? 'unavailable'])),
    unavailable: new Set(results.flatMap(({ id, credential }) => (credential ? [] : id))),
    problems: results.flatMap(({ problem }) => problem ?? []),
    notices: amazons.filter((claim) => isTokenDead(claim, ecr.now())).map(expiredToken),
  };
}

function isTokenDead({ triple: { user, password } }: Claim, now: number): boolean {
  return isExpiredToken(user, password, now);
}

function expiredToken({ triple: { id } }: Claim): Notice {
  const subject = variableName(id, 'PASSWORD');
  const what = 'holds an ECR token that has expired; written all the same';
  const keys = 'an AWS access key id and its secret, which are exchanged for fresh tokens';
  return { code: 'ECR_TOKEN_EXPIRED', subject, what, fix: `set USER and PASSWORD to ${keys}` };
}
