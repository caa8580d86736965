import { filesOf } from '../dockerconfig/managed.ts';
import type { Reply } from '../resolve/client.ts';
import { parseEcrHost } from '../domain/ecr/host.ts';
import { ECR_TOKEN_USER } from '../domain/ecr/keys.ts';
import { discover } from '../domain/registries/discover.ts';
import { parseQuestion } from '../domain/registries/question.ts';
import type { Source } from '../domain/triples/triple.ts';
import type { EcrAccess } from '../io/ecr.ts';
import { readRemembered } from '../io/sources.ts';
import { findToken } from '../io/token-cache.ts';
import { NO_STATE, type State } from '../reconcile/state.ts';
import { findAnswer, type Known } from '../resolve/helper.ts';

/** All that our helper answers from. What cannot be read is not there: a pull must not fail. */
export function readKnown(state: State = NO_STATE, environment: Source, uid: number): Known {
  const files = readRemembered(filesOf(state.config.records), { uid });
  const { desired } = discover([environment, ...files.sources], { githubToken: true });
  return { desired, state };
}

/** What our helper would answer, without asking Amazon: keys that have no token yet get one. */
export function findOwnReply(
  serverUrl: string,
  known: Known,
  { madeCache, now }: Pick<EcrAccess, 'madeCache' | 'now'>,
): Reply {
  const question = parseQuestion(serverUrl.trim());
  if (question === undefined) return 'not-found';
  const { isLoggedOut, credential, exchange } = findAnswer(question, known, now());
  if (isLoggedOut) return 'not-found';
  if (credential) return credential;
  if (exchange) return { user: ECR_TOKEN_USER, secret: '' };
  const cache = parseEcrHost(question.host) ? madeCache : undefined;
  return (cache && findToken(cache, question.host, now())) ?? 'not-found';
}
