import { updateConfig } from '../dockerconfig/file.ts';
import type { State } from '../dockerconfig/state.ts';
import { addGithubNpm } from '../io/npmrc.ts';
import type { Notice, Problem } from '../problem.ts';
import {
  type Exchange,
  exchangeAll,
  findWrongKeys,
  keepTokensOf,
  tellDead,
  withoutCommands,
} from '../providers/on-demand/exchange.ts';
import { planChange } from '../reconcile/plan.ts';
import type { Request } from '../reconcile/request.ts';
import { helperProblems, keptNotices, namespaceNotices } from '../report/notices.ts';
import { findOutcome, NOTHING_DONE, type Summary, summarise } from '../report/registries.ts';
import { findExpected } from '../secrets/expected.ts';
import { requestOf, type World } from '../world.ts';

export type ApplyWords = {
  readonly force: boolean;
  /** Which logins without a triple may be removed: all, if the sources are complete. */
  readonly removal: Request['removal'];
  readonly dryRun: boolean;
  /** When waiting for other processes ends, in milliseconds since the epoch. */
  readonly endsAt?: number;
};

/** The total time that a hook may wait for AWS and then for other processes. */
const HOOK_MS = 11_500;

export async function applyInHook(world: World): Promise<Summary> {
  const removal = world.hasAllSources ? 'all' : 'none';
  const endsAt = world.now() + HOOK_MS;
  const summary = await apply(world, { force: false, removal, dryRun: false, endsAt });
  if (!world.options.githubNpm) return summary;
  const npm = await addGithubNpm(world.environment.variables.HOME, world, world.now, endsAt);
  const problems = [...summary.problems, ...npm.problems];
  return { ...summary, changed: summary.changed || npm.changed, problems };
}

const SKIPPED: Notice = {
  code: 'PREBUILD_SKIPPED',
  subject: 'prebuild',
  what: 'nothing is written during a prebuild, because the option prebuild is skip',
};

/** World → credentials → plan → file → summary. Never throws for what you can fix. */
export async function apply(world: World, words: ApplyWords): Promise<Summary> {
  const { place, state, found, ecr, mode } = world;
  if (mode.mode === 'skip') return { ...NOTHING_DONE, notices: [SKIPPED] };
  const exchange =
    mode.mode === 'helper'
      ? findWrongKeys(found.desired)
      : await exchangeAll(withoutCommands(found.desired), ecr);
  const summary = withSources(world, words.dryRun, exchange);
  if ('problem' in place)
    return isAnyAsked(world, words) ? withProblem(summary, place.problem) : summary;
  const { dir } = place;
  const { force, removal, dryRun, endsAt } = words;
  const request = { ...requestOf(world), force, removal, credentials: exchange.credentials };
  const decide = (current: State) => planChange(current, request);
  const plan = dryRun ? decide(state) : await updateConfig(dir, state, decide, world.now, endsAt);
  if ('problem' in plan) return withProblem(summary, plan.problem);
  const { problems, notices, writes } = plan;
  const changes = plan.changes.map(findOutcome);
  if (removal === 'all' && !dryRun) keepTokensOf(found.desired, ecr);
  const changed = writes.some(({ file }) => file === 'config');
  const managed = new Map(changes.map((change) => [change.name, change.managed]));
  const isHeld = changes.some((change) => change.managed !== undefined);
  return {
    ...summary,
    config: dir.shown,
    changed,
    registries: summarise(changes),
    problems: [...summary.problems, ...problems, ...helperProblems(changes)],
    notices: [
      ...summary.notices,
      ...notices,
      ...(place.leadsNowhere && changed ? [linkCreated(dir.shown)] : []),
      ...(isHeld ? place.notices : []),
      ...keptNotices(changes),
      ...namespaceNotices(found.desired, managed),
    ],
  };
}

/** A directory that is too open is no problem as long as nothing is to be written there. */
function isAnyAsked({ place, found }: World, { removal }: ApplyWords): boolean {
  const isExposed = 'problem' in place && place.problem.code === 'CONFIG_EXPOSED';
  return !isExposed || found.ids.size > 0 || found.desired.length > 0 || removal !== 'none';
}

/** Adds everything that is known before the decisions. */
function withSources(
  { environment, options, envFiles, found, mode, now }: World,
  dryRun: boolean,
  exchange: Exchange,
): Summary {
  // A prebuild has no user secrets; the codespace made from it checks again.
  const expected = mode.isPrebuild ? [] : findExpected(options.expect, found.ids, environment);
  return {
    ...NOTHING_DONE,
    mode: mode.mode === 'file' ? 'file' : 'helper',
    dryRun,
    problems: [
      ...envFiles.problems,
      ...found.problems,
      ...expected,
      ...exchange.problems,
      ...tellDead(found.desired, now()),
    ],
    notices: [...envFiles.notices, ...found.notices],
  };
}

function withProblem(summary: Summary, problem: Problem): Summary {
  return { ...summary, problems: [...summary.problems, problem] };
}

function linkCreated(subject: string): Notice {
  const what = 'is a symbolic link to a file that did not exist; the file was created there';
  return { code: 'CONFIG_LINK_CREATED', subject, what };
}
