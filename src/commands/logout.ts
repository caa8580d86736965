import { updateConfig } from '../dockerconfig/file.ts';
import { forgetTokens, keepTokens, type TokenCache } from '../io/token-cache.ts';
import type { Notice } from '../problem.ts';
import { type Change, findOurs, planChange } from '../reconcile/plan.ts';
import { splitName } from '../registries/keys.ts';
import { findNamed } from '../registries/named.ts';
import { unknownWord } from '../report/notices.ts';
import { findOutcome } from '../report/outcomes.ts';
import { NOTHING_DONE, type Summary, summarise } from '../report/registries.ts';
import { requestOf, type World } from '../world.ts';
import { readBlocked } from './blocked.ts';

/**
 * Removes what we wrote and puts back what was replaced, with the cached tokens: of some IDs or
 * hosts, or all of it. A login that our helper holds becomes the entry. Other entries are not
 * touched; secrets still set come back with the next apply.
 */
export async function logout(world: World, words: readonly string[]): Promise<Summary> {
  const { place, state, ecr, now } = world;
  if ('problem' in place) return { ...NOTHING_DONE, problems: [place.problem] };
  const { names, unknown } = findNamed(words, findOurs(state));
  const request = { ...requestOf(world), desired: [], unfitFiles: [], removal: names };
  const plan = await updateConfig(place.dir, state, (current) => planChange(current, request), now);
  if ('problem' in plan) return { ...NOTHING_DONE, problems: [plan.problem] };
  const gone = plan.changes.filter(({ login }) => names.has(login.name));
  const cache = ecr.madeCache;
  const tokens = cache ? forgetCached(words, gone, cache) : 0;
  // A login that became an entry is among the registries.
  const orphans = gone.filter(
    ({ login, edits }) => state.logins.has(login.name) && edits.length === 0,
  );
  const what = 'is not an ID or host that registry-auth wrote an entry for';
  const toProblem = (word: string) => unknownWord('NOTHING_TO_LOG_OUT', word, what);
  const isWritten = plan.writes.length > 0;
  const blocked = isWritten ? undefined : readBlocked(world);
  return {
    ...NOTHING_DONE,
    config: place.dir.shown,
    changed: isWritten || tokens > 0,
    registries: summarise(gone.map(findOutcome), []).map((registry) => ({
      ...registry,
      ready: false,
    })),
    problems: [...plan.problems, ...unknown.map(toProblem)],
    notices: [
      ...(blocked ? [blocked] : []),
      ...plan.notices,
      ...orphans.map(loginForgotten),
      ...tokensForgotten(tokens),
    ],
  };
}

/** A token in memory would still be an answer of our helper. */
function forgetCached(words: readonly string[], gone: readonly Change[], cache: TokenCache) {
  if (words.length === 0) return keepTokens(cache, []);
  const hosts = new Set(gone.map(({ login }) => splitName(login.name).host));
  return [...hosts].reduce((count, host) => count + forgetTokens(cache, host), 0);
}

function loginForgotten({ login: { name: subject } }: Change): Notice {
  return { code: 'LOGIN_FORGOTTEN', subject, what: 'the login that our helper stored is removed' };
}

function tokensForgotten(count: number): Notice[] {
  const what = `${count} removed from memory`;
  return count > 0 ? [{ code: 'TOKENS_FORGOTTEN', subject: 'cached tokens', what }] : [];
}
