import { leadsNowhere, updateConfig } from '../dockerconfig/file.ts';
import type { Notice, Problem } from '../domain/problem.ts';
import {
  helperProblems,
  keptNotices,
  linkNotices,
  namespaceNotices,
} from '../domain/tell/notices.ts';
import { NOTHING_DONE, type Summary, summarise } from '../domain/tell/summary.ts';
import { findExpected } from '../domain/triples/expected.ts';
import { tellExposure } from '../io/exposure.ts';
import { exchangeAll, keepTokensOf, NO_EXCHANGE } from '../providers/exchange.ts';
import { type Plan, planChange } from '../reconcile/plan.ts';
import type { State } from '../reconcile/state.ts';
import { requestOf, type World } from '../world.ts';

/** What a person typed; a hook has its own. */
export type ApplyWords = {
  readonly force: boolean;
  /** Whether the sources are complete, so that what they no longer hold may be removed. */
  readonly prune: boolean;
  readonly dryRun: boolean;
  /** Whether docker would find our helper on PATH. */
  readonly canUseHelper: boolean;
};

/**
 * World → credentials → plan → file → summary. Never throws for what a user can put right.
 */
export async function apply(world: World, words: ApplyWords): Promise<Summary> {
  const { place, state, found, ecr } = world;
  if (world.mode.mode === 'skip') return skipped();
  const exchange =
    world.mode.mode === 'helper' ? NO_EXCHANGE : await exchangeAll(found.desired, ecr);
  const summary = told(world, words.dryRun, exchange);
  if ('problem' in place) return withProblem(summary, place.problem);
  const { dir } = place;
  const isDangling = state.texts.config === undefined && leadsNowhere(dir);
  const { force, canUseHelper, prune } = words;
  const request = {
    ...requestOf(world),
    ...{ force, canUseHelper, credentials: exchange.credentials },
    removal: prune ? ('all' as const) : ('none' as const),
    isPostCreated: world.isCodespace && ['postCreate', 'postStart'].includes(world.phase),
  };
  const decide = (current: State) => planChange(current, request);
  const plan = words.dryRun ? decide(state) : await updateConfig(dir, state, decide, world.now);
  if ('problem' in plan) return withProblem(summary, plan.problem);
  if (prune && !words.dryRun) keepTokensOf(found.desired, ecr);
  const changed = plan.texts.config !== undefined;
  const registries = summarise(plan.changes, found.desired, exchange.unavailable);
  const isHeld = plan.changes.some(({ managed }) => managed !== undefined);
  const places = [
    ...linkNotices(dir.shown, isDangling && changed),
    ...(isHeld ? tellExposure(dir).notices : []),
  ];
  return withPlan({ ...summary, config: dir.shown, changed, registries }, plan, world, places);
}

function skipped(): Summary {
  const what = 'nothing is written during a prebuild, as the option prebuild says';
  return { ...NOTHING_DONE, notices: [{ code: 'PREBUILD_SKIPPED', subject: 'prebuild', what }] };
}

/** What is to be said before anything is decided. */
function told(
  { environment, options, envFiles, found, mode }: World,
  dryRun: boolean,
  exchange: Pick<Summary, 'problems' | 'notices'>,
): Summary {
  // A prebuild has no secrets of the user's; the codespace that is made from it asks again.
  const expected = mode.isPrebuild ? [] : findExpected(options.expect, found.ids, environment);
  return {
    ...NOTHING_DONE,
    mode: mode.mode === 'file' ? 'file' : 'helper',
    dryRun,
    problems: [...envFiles.problems, ...found.problems, ...expected, ...exchange.problems],
    notices: [...envFiles.notices, ...found.notices, ...exchange.notices],
  };
}

function withProblem(summary: Summary, problem: Problem): Summary {
  return { ...summary, problems: [...summary.problems, problem] };
}

/** With all that is to be said of what was decided. */
function withPlan(
  summary: Summary,
  { changes, problems, notices }: Plan,
  { found: { desired } }: World,
  places: readonly Notice[],
): Summary {
  const managed = new Map(changes.map((change) => [change.name, change.managed]));
  const decided = [
    ...keptNotices(changes, desired),
    ...namespaceNotices(desired, (name) => managed.get(name)),
  ];
  return {
    ...summary,
    problems: [...summary.problems, ...problems, ...helperProblems(changes)],
    notices: [...summary.notices, ...notices, ...places, ...decided],
  };
}
