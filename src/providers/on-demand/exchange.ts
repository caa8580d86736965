import type { Problem } from '../../problem.ts';
import { variableName } from '../../secrets/triple.ts';
import { findKeyProblem } from '../ecr/keys.ts';
import { isExpired } from '../find.ts';
import { type Credentials, type Named, needsExchange } from '../provider.ts';
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
  /** IDs for which AWS returned no token. */
  readonly unavailable: ReadonlySet<string>;
  /** IDs whose PASSWORD is an expired token. */
  readonly dead: ReadonlySet<string>;
  readonly problems: readonly Problem[];
};

/** All exchanges at once, within one budget; one failure does not affect the others. */
export async function exchangeAll(
  all: readonly Named[],
  access: ExchangeAccess,
): Promise<Exchange> {
  const fetchOne = async (one: Named) => ({ ...(await fetchToken(one, access)), of: one });
  return conclude(all, await Promise.all(findKeys(all).map(fetchOne)), access.now());
}

/** Leaves out commands: no start waits for one, or fails because of it. */
export function withoutCommands<One extends Named>(all: readonly One[]): One[] {
  return all.filter(({ triple }) => triple.command === undefined);
}

/** The same without a request to AWS: cached tokens, and keys that cannot work. */
export function readExchanges(all: readonly Named[], access: ExchangeAccess): Exchange {
  const readOne = (one: Named) =>
    findKeyProblem(one.triple) ? { of: one } : { credential: readKeptToken(one, access), of: one };
  return conclude(all, findKeys(withoutCommands(all)).map(readOne), access.now());
}

/** Keys that fail without a request to AWS, for logins that our helper serves. */
export function judgeKeys(all: readonly Named[], now: number): Exchange {
  const wrong = findKeys(withoutCommands(all)).filter(({ triple }) => findKeyProblem(triple));
  const tried = wrong.map((of) => ({ of }));
  return conclude(all, tried, now);
}

type Tried = ExchangeResult & { readonly of: Named };

function conclude(all: readonly Named[], tried: readonly Tried[], now: number): Exchange {
  const failed = tried.filter(({ credential }) => !credential);
  return {
    credentials: new Map(
      tried.map(({ of, credential }) => [of.triple.id, credential ?? 'unavailable']),
    ),
    unavailable: new Set(failed.map(({ of }) => of.triple.id)),
    dead: findDead(all, now),
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

function findDead(all: readonly Named[], now: number): Set<string> {
  const isDead = ({ triple: { user, password: secret }, registry }: Named) =>
    registry.provider.findExpiry !== undefined && isExpired({ user, secret }, now);
  return new Set(all.filter(isDead).map(({ triple }) => triple.id));
}

/** A problem for each ID whose token has expired. */
export function tellDead(dead: ReadonlySet<string>): Problem[] {
  const what = 'holds an ECR token that has expired; written anyway';
  const keys = 'an AWS access key id and its secret, which are exchanged for fresh tokens';
  const fix = `set USER and PASSWORD to ${keys}`;
  return [...dead].map((id) => {
    return { code: 'ECR_TOKEN_EXPIRED', subject: variableName(id, 'PASSWORD'), what, fix, id };
  });
}
