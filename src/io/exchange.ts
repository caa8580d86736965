import type { Found } from '../domain/discover.ts';
import { ecrTokenExpiry, findEcrKeyProblem } from '../domain/ecr-failure.ts';
import type { Notice, Problem } from '../domain/problem.ts';
import type { Registry } from '../domain/registry.ts';
import { type Exchanged, needsExchange } from '../domain/wanted.ts';
import { type EcrAccess, findEcrToken } from './ecr.ts';

/** What became of every registry whose credential is not the triple's own. */
export type Exchange = {
  exchanged: ReadonlyMap<string, Exchanged>;
  problems: readonly Problem[];
  notices: readonly Notice[];
};

export const NO_EXCHANGE: Exchange = { exchanged: new Map(), problems: [], notices: [] };

/** All exchanges at once, within one budget; a failed one costs the others nothing. */
export async function exchangeAll({ claims }: Found, ecr: EcrAccess): Promise<Exchange> {
  const registries = new Map(claims.map(({ registry }) => [registry.triple.id, registry]));
  const results = await Promise.all(
    [...registries.values()].map((registry) => exchangeOne(registry, ecr)),
  );
  return {
    exchanged: new Map(
      results.flatMap(({ id, exchanged }) => (exchanged ? [[id, exchanged] as const] : [])),
    ),
    problems: results.flatMap(({ problem }) => problem ?? []),
    notices: results.flatMap(({ notice }) => notice ?? []),
  };
}

type ExchangedOne = { id: string; exchanged?: Exchanged; problem?: Problem; notice?: Notice };

async function exchangeOne(registry: Registry, ecr: EcrAccess): Promise<ExchangedOne> {
  const { id, password } = registry.triple;
  if (!needsExchange(registry)) {
    const expiry = registry.provider.startsWith('ecr') ? ecrTokenExpiry(password) : undefined;
    return expiry !== undefined && expiry <= ecr.now() ? { id, notice: expiredToken(id) } : { id };
  }
  const wrong = findEcrKeyProblem(registry.triple);
  if (wrong) return { id, exchanged: 'unavailable', problem: wrong };
  const { token, problem } = await findEcrToken(registry, ecr);
  return { id, exchanged: token ?? 'unavailable', ...(problem ? { problem } : {}) };
}

function expiredToken(id: string): Notice {
  return {
    code: 'ECR_TOKEN_EXPIRED',
    subject: `${id}_CONTAINER_REGISTRY_PASSWORD`,
    what: 'holds an ECR token that has expired; written all the same',
    fix: 'set USER and PASSWORD to an AWS access key id and its secret, which are exchanged for fresh tokens',
  };
}
