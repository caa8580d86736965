import type { Problem } from '../../problem.ts';
import { variableName } from '../../secrets/triple.ts';
import { findKeyProblem } from '../ecr/keys.ts';
import { type Credentials, isDead, type Named, needsExchange } from '../provider.ts';
import { type ExchangeAccess, type ExchangeResult, readFresh, readKeptToken } from './kept.ts';

export { type ExchangeAccess, keepTokensOf } from './kept.ts';

/** All requests for a token come here; the code that makes one is loaded only if needed. */
export async function fetchToken(one: Named, access: ExchangeAccess): Promise<ExchangeResult> {
  const credential = readFresh(one, access);
  return credential ? { credential } : made().fetchMade(one, access);
}

const made = (): typeof import('./made.ts') => require('./made.ts');

export type Exchange = {
  readonly credentials: Credentials;
  readonly problems: readonly Problem[];
};

/** All exchanges at once, within one budget; one failure does not affect the others. */
export async function exchangeAll(
  all: readonly Named[],
  access: ExchangeAccess,
): Promise<Exchange> {
  const fetchOne = async (one: Named) => ({ ...(await fetchToken(one, access)), of: one });
  return conclude(await Promise.all(findKeys(all).map(fetchOne)));
}

/** Leaves out commands: no start waits for one, or fails because of it. */
export function withoutCommands<One extends Named>(all: readonly One[]): One[] {
  return all.filter(({ triple }) => triple.command === undefined);
}

/** The same without a request to AWS: cached tokens, and keys that cannot work. */
export function readExchanges(all: readonly Named[], access: ExchangeAccess): Exchange {
  const readOne = (one: Named) =>
    findKeyProblem(one.triple) ? { of: one } : { credential: readKeptToken(one, access), of: one };
  return conclude(findKeys(withoutCommands(all)).map(readOne));
}

/** Keys that fail without a request to AWS, for logins that our helper serves. */
export function findWrongKeys(all: readonly Named[]): Exchange {
  const wrong = findKeys(withoutCommands(all)).filter(({ triple }) => findKeyProblem(triple));
  return conclude(wrong.map((of) => ({ of })));
}

type Tried = ExchangeResult & { readonly of: Named };

function conclude(tried: readonly Tried[]): Exchange {
  return {
    credentials: new Map(
      tried.map(({ of, credential }) => [of.triple.id, credential ?? 'unavailable']),
    ),
    // Swapped keys are reported wherever a triple is read.
    problems: tried.flatMap(({ problem }) =>
      problem && problem.code !== 'ECR_KEYS_SWAPPED' ? problem : [],
    ),
  };
}

/** One login for each ID whose secret is made. */
function findKeys(all: readonly Named[]): Named[] {
  return [...new Map(all.map((one) => [one.triple.id, one])).values()].filter(needsExchange);
}

/** A problem for each ID whose token has expired. */
export function tellDead(all: readonly Named[], now: number): Problem[] {
  const dead = all.filter(({ registry, triple }) => isDead(registry, triple, now));
  const what = 'holds an ECR token that has expired; written anyway';
  const keys = 'an AWS access key id and its secret, which are exchanged for fresh tokens';
  const fix = `set USER and PASSWORD to ${keys}`;
  return [...new Set(dead.map(({ triple }) => triple.id))].map((id) => {
    return { code: 'ECR_TOKEN_EXPIRED', subject: variableName(id, 'PASSWORD'), what, fix, id };
  });
}
