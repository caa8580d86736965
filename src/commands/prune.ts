import type { Problem } from '../problem.ts';
import { findOurs } from '../reconcile/plan.ts';
import { findNamed, repeatable } from '../registries/named.ts';
import { NOTHING_DONE, type Summary } from '../report/registries.ts';
import type { World } from '../world.ts';
import { type ApplyWords, apply } from './apply.ts';
import { forgetTokensOf, notOurs } from './logout.ts';

/**
 * Applies, and removes the IDs and hosts that you name, with their cached tokens. Nothing else: a
 * shell without the secrets must not remove working logins.
 */
export async function prune(
  world: World,
  names: readonly string[],
  words: Omit<ApplyWords, 'removal'>,
): Promise<Summary> {
  if (names.length === 0) return { ...NOTHING_DONE, problems: [pruneNothing(world)] };
  const pruned = findPruned(names, world);
  const summary = await apply(world, { ...words, removal: pruned.names });
  if (!words.dryRun) forgetTokensOf([...pruned.names], world.ecr);
  return { ...summary, problems: [...summary.problems, ...pruned.problems] };
}

/** The logins that your words name; naming a triple that is still set is a problem. */
function findPruned(words: readonly string[], { state, found }: World) {
  const ours = findOurs(state);
  const wanted = new Set(found.desired.map(({ name }) => name));
  const isSet = (word: string) =>
    found.ids.has(word) || [...findNamed([word], ours).names].some((name) => wanted.has(name));
  const gone = words.filter((word) => !isSet(word));
  // Without words findNamed finds everything.
  const { names, unknown } = gone.length > 0 ? findNamed(gone, ours) : NONE_NAMED;
  return { names, problems: [...unknown.map(notOurs), ...words.filter(isSet).map(stillSet)] };
}

const NONE_NAMED = { names: new Set<string>(), unknown: [] };

function pruneNothing({ state, found }: World): Problem {
  const wanted = new Set(found.desired.map(({ name }) => name));
  const ids = [...findOurs(state)].flatMap(([name, all]) => (wanted.has(name) ? [] : all));
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
