import { forgetTokens } from '../io/token-cache.ts';
import type { Problem } from '../problem.ts';
import { findOurs } from '../reconcile/plan.ts';
import { splitName } from '../registries/keys.ts';
import { findNamed } from '../registries/named.ts';
import { repeatable } from '../registries/reference.ts';
import { unknownWord } from '../report/notices.ts';
import { NOTHING_DONE, type Summary } from '../report/registries.ts';
import type { World } from '../world.ts';
import { type ApplyWords, apply } from './apply.ts';

/**
 * Applies, and removes what you name, IDs and hosts, with their cached tokens. Only what you name: a
 * shell without the secrets must not take working logins away.
 */
export async function prune(
  world: World,
  names: readonly string[],
  words: Omit<ApplyWords, 'removal'>,
): Promise<Summary> {
  const pruned = findPruned(names, world);
  if (names.length === 0) return { ...NOTHING_DONE, problems: pruned.problems };
  const summary = await apply(world, { ...words, removal: pruned.names });
  const cache = words.dryRun ? undefined : world.ecr.madeCache;
  for (const name of pruned.names) if (cache) forgetTokens(cache, splitName(name).host);
  return { ...summary, problems: [...summary.problems, ...pruned.problems] };
}

/** The logins that your words name; a word for what still has its secrets here is a problem. */
function findPruned(words: readonly string[], { state, found }: World) {
  const ours = findOurs(state);
  const wanted = new Set(found.desired.map(({ name }) => name));
  if (words.length === 0) {
    const ids = [...ours].flatMap(([name, all]) => (wanted.has(name) ? [] : all));
    return { ...NONE_NAMED, problems: [pruneNothing(ids)] };
  }
  const isSet = (word: string) =>
    found.ids.has(word) || [...findNamed([word], ours).names].some((name) => wanted.has(name));
  const gone = words.filter((word) => !isSet(word));
  const { names, unknown } = gone.length > 0 ? findNamed(gone, ours) : NONE_NAMED;
  const what = 'is not an ID or host that registry-auth wrote an entry for';
  const problems = [
    ...unknown.map((word) => unknownWord('NOTHING_TO_LOG_OUT', word, what)),
    ...words.filter(isSet).map(stillSet),
  ];
  return { names, problems };
}

const NONE_NAMED = { names: new Set<string>(), unknown: [] };

function pruneNothing(ids: readonly string[]): Problem {
  const fix =
    ids.length > 0
      ? `name what to remove: registry-auth apply --prune ${[...new Set(ids)].join(' ')}`
      : 'leave it out: every entry of ours still has its secrets';
  return { code: 'PRUNE_UNNAMED', subject: '--prune', what: 'names nothing to remove', fix };
}

function stillSet(word: string): Problem {
  const subject = repeatable(word, 'an argument');
  const what = 'still has its secrets here, so its entry stays';
  return { code: 'PRUNE_STILL_SET', subject, what, fix: 'remove the secrets first' };
}
