import { updateConfig } from '../dockerconfig/file.ts';
import { forgetTokens, keepTokens } from '../io/token-cache.ts';
import type { Notice, Problem } from '../problem.ts';
import type { ExchangeAccess } from '../providers/exchange.ts';
import { type Change, findOurs, planChange } from '../reconcile/plan.ts';
import { splitName } from '../registries/keys.ts';
import { findNamed } from '../registries/named.ts';
import { unknownWord } from '../report/notices.ts';
import { findOutcome, NOTHING_DONE, type Summary, summarise } from '../report/registries.ts';
import { requestOf, type World } from '../world.ts';
import { readBlocked } from './status.ts';

/**
 * Removes what we wrote, restores what that replaced, and deletes cached tokens: for some IDs or
 * hosts, or for all. A login stored by our helper becomes an entry. Other entries stay; the next
 * apply writes again what is still set.
 */
export async function logout(world: World, words: readonly string[]): Promise<Summary> {
  const { place, state, ecr, now } = world;
  if ('problem' in place) return { ...NOTHING_DONE, problems: [place.problem] };
  const { names, unknown } = findNamed(words, findOurs(state));
  const request = { ...requestOf(world), desired: [], unfitFiles: [], removal: names };
  const plan = await updateConfig(place.dir, state, (current) => planChange(current, request), now);
  if ('problem' in plan) return { ...NOTHING_DONE, problems: [plan.problem] };
  const gone = plan.changes.filter(({ login }) => names.has(login.name));
  const goneNames = gone.map(({ login }) => login.name);
  const tokens = forgetTokensOf(words.length > 0 ? goneNames : 'all', ecr);
  // A login that became an entry is among the registries.
  const orphans = gone.filter(
    ({ login, edits }) => state.logins.has(login.name) && edits.length === 0,
  );
  const isWritten = plan.writes.length > 0;
  const blocked = isWritten ? undefined : readBlocked(world);
  return {
    ...NOTHING_DONE,
    config: place.dir.shown,
    changed: isWritten || tokens > 0,
    registries: summarise(gone.map(findOutcome)),
    problems: [...plan.problems, ...unknown.map(notOurs)],
    notices: [
      ...(blocked ? [blocked] : []),
      ...plan.notices,
      ...orphans.map(loginForgotten),
      ...tokensForgotten(tokens),
    ],
  };
}

/** Our helper would still return a cached token. Returns how many were deleted. */
export function forgetTokensOf(
  names: readonly string[] | 'all',
  { madeCache: cache }: ExchangeAccess,
): number {
  if (!cache) return 0;
  if (names === 'all') return keepTokens(cache, []);
  const hosts = new Set(names.map((name) => splitName(name).host));
  return [...hosts].reduce((count, host) => count + forgetTokens(cache, host), 0);
}

export function notOurs(word: string): Problem {
  const what = 'is not an ID or host that registry-auth wrote an entry for';
  return unknownWord('NOTHING_TO_LOG_OUT', word, what);
}

function loginForgotten({ login: { name: subject } }: Change): Notice {
  return { code: 'LOGIN_FORGOTTEN', subject, what: 'the login that our helper stored is removed' };
}

function tokensForgotten(count: number): Notice[] {
  const what = `${count} removed from memory`;
  return count > 0 ? [{ code: 'TOKENS_FORGOTTEN', subject: 'cached tokens', what }] : [];
}
