import { updateConfig } from '../dockerconfig/file.ts';
import { forgetTokens, keepTokens } from '../io/token-cache.ts';
import type { Notice, Problem } from '../problem.ts';
import type { ExchangeAccess } from '../providers/on-demand/exchange.ts';
import { type Change, findOurs, planChange } from '../reconcile/plan.ts';
import { splitName } from '../registries/keys.ts';
import { findNamed, repeatable } from '../registries/named.ts';
import { unknownWord } from '../report/notices.ts';
import { findOutcome, NOTHING_DONE, type Summary, summarise } from '../report/registries.ts';
import { requestOf, type World } from '../world.ts';
import { type ApplyWords, apply } from './apply.ts';
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
  const request = { ...requestOf(world), desired: new Map(), unfitFiles: [], removal: names };
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

/**
 * Applies, and removes the IDs and hosts that you name, with their cached tokens. Nothing else: a
 * shell without the secrets must not remove working logins.
 */
export async function prune(
  world: World,
  words: readonly string[],
  how: Omit<ApplyWords, 'removal'>,
): Promise<Summary> {
  const { state, found, ecr } = world;
  const ours = findOurs(state);
  const wanted = new Set(found.desired.map(({ name }) => name));
  const unset = [...ours].flatMap(([name, ids]) => (wanted.has(name) ? [] : ids));
  if (words.length === 0) return { ...NOTHING_DONE, problems: [pruneNothing(unset)] };
  const isSet = (word: string) =>
    found.ids.has(word) || [...findNamed([word], ours).names].some((name) => wanted.has(name));
  const gone = words.filter((word) => !isSet(word));
  // Without words findNamed finds everything.
  const { names, unknown } = gone.length > 0 ? findNamed(gone, ours) : NONE_NAMED;
  const summary = await apply(world, { ...how, removal: names });
  if (!how.dryRun) forgetTokensOf([...names], ecr);
  const problems = [...unknown.map(notOurs), ...words.filter(isSet).map(stillSet)];
  return { ...summary, problems: [...summary.problems, ...problems] };
}

const NONE_NAMED = { names: new Set<string>(), unknown: [] };

function pruneNothing(ids: readonly string[]): Problem {
  const fix =
    ids.length > 0
      ? `name what to remove: registry-auth apply --prune ${[...new Set(ids)].join(' ')}`
      : 'leave it out: every entry of ours still has its secrets';
  return { code: 'PRUNE_UNNAMED', subject: '--prune', what: 'names nothing to remove', fix };
}

/** Naming a triple that is still set is a problem. */
function stillSet(word: string): Problem {
  const subject = repeatable(word, 'an argument');
  const what = 'still has its secrets here, so its entry stays';
  return { code: 'PRUNE_STILL_SET', subject, what, fix: 'remove the secrets first' };
}

/** Our helper would still return a cached token. Returns how many were deleted. */
function forgetTokensOf(
  names: readonly string[] | 'all',
  { madeCache: cache }: ExchangeAccess,
): number {
  if (!cache) return 0;
  if (names === 'all') return keepTokens(cache, []);
  const hosts = new Set(names.map((name) => splitName(name).host));
  return [...hosts].reduce((count, host) => count + forgetTokens(cache, host), 0);
}

function notOurs(word: string): Problem {
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
