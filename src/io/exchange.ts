import { isExpiredToken, needsExchange } from '../domain/ecr/keys.ts';
import type { Notice, Problem } from '../domain/problem.ts';
import { variableName } from '../domain/triples/triple.ts';
import type { Desired } from '../reconcile/desired.ts';
import type { Credentials } from '../reconcile/request.ts';
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
export async function exchangeAll(desired: readonly Desired[], ecr: EcrAccess): Promise<Exchange> {
  const ofAmazon = desired.filter(({ registry }) => registry.ecr);
  const amazons = [...new Map(ofAmazon.map((one) => [one.triple.id, one])).values()];
  const isExchanged = ({ registry, triple }: Desired) => needsExchange(registry, triple);
  const results = await Promise.all(
    amazons.filter(isExchanged).map(async (one) => ({
      id: one.triple.id,
      ...(await findEcrToken(one, ecr)),
    })),
  );
  return {
    credentials: new Map(results.map(({ id, credential }) => [id, credential ?? 'unavailable'])),
    unavailable: new Set(results.flatMap(({ id, credential }) => (credential ? [] : id))),
    problems: results.flatMap(({ problem }) => problem ?? []),
    notices: amazons.filter((one) => isTokenDead(one, ecr.now())).map(expiredToken),
  };
}

function isTokenDead({ triple: { user, password } }: Desired, now: number): boolean {
  return isExpiredToken(user, password, now);
}

function expiredToken({ triple: { id } }: Desired): Notice {
  const subject = variableName(id, 'PASSWORD');
  const what = 'holds an ECR token that has expired; written all the same';
  const keys = 'an AWS access key id and its secret, which are exchanged for fresh tokens';
  return { code: 'ECR_TOKEN_EXPIRED', subject, what, fix: `set USER and PASSWORD to ${keys}` };
}
