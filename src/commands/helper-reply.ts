import type { Credential } from '../dockerconfig/auth-entry.ts';
import type { Problem } from '../domain/problem.ts';
import { parseQuestion, type Question } from '../domain/registries/question.ts';
import { readNewestToken, type TokenCache } from '../io/token-cache.ts';
import { type ExchangeAccess, exchangeKeys } from '../providers/exchange.ts';
import { findProvider } from '../providers/find.ts';
import type { Desired } from '../reconcile/desired.ts';
import type { Reply } from '../resolve/client.ts';
import { findAnswer, type Known } from '../resolve/helper.ts';
import type { World } from '../world.ts';

/** What our helper replies: a credential, or none, and why a fresh token could not be had. */
export type HelperReply = {
  readonly credential?: Credential | undefined;
  /** The login whose keys were to be exchanged, and whether the credential is what they gave. */
  readonly exchange?: Desired;
  readonly isToken?: boolean;
  readonly problem?: Problem | undefined;
  /** By the user, since the triple last changed. */
  readonly isLoggedOut?: boolean;
};

export function knownIn({ found, state }: Pick<World, 'found' | 'state'>): Known {
  return { desired: found.desired, state };
}

/** As a client gets it: keys are exchanged. */
export async function fetchReply(
  question: Question,
  world: Pick<World, 'found' | 'state' | 'ecr' | 'now'>,
): Promise<HelperReply> {
  const { ecr } = world;
  const { isLoggedOut, exchange, credential } = findAnswer(question, knownIn(world), world.now());
  if (isLoggedOut) return { isLoggedOut };
  if (!exchange) return { credential: credential ?? readCached(question, ecr, ecr.cache) };
  const { credential: token, problem } = await exchangeKeys(exchange, ecr);
  return token ? { credential: token, exchange, isToken: true } : { credential, exchange, problem };
}

/** The same, without asking anybody: keys that have no token yet get one. */
export function readReply(
  serverUrl: string,
  world: Pick<World, 'found' | 'state' | 'ecr' | 'now'>,
): Reply {
  const question = parseQuestion(serverUrl.trim());
  if (question === undefined) return 'not-found';
  const { isLoggedOut, exchange, credential } = findAnswer(question, knownIn(world), world.now());
  if (isLoggedOut) return 'not-found';
  if (credential) return credential;
  if (exchange) return { user: exchange.registry.provider.exchangedUser ?? '', secret: '' };
  return readCached(question, world.ecr, world.ecr.madeCache) ?? 'not-found';
}

/** A token that still lives, for a shell without the keys it was made from. */
function readCached(
  { host }: Question,
  { now }: Pick<ExchangeAccess, 'now'>,
  cache: TokenCache | undefined,
): Credential | undefined {
  const { exchangedUser } = findProvider(host);
  return cache && exchangedUser ? readNewestToken(cache, host, now()) : undefined;
}
