import {
  type ConfigDir,
  leadsNowhere,
  openConfig,
  type Trouble,
  updateConfig,
} from '../dockerconfig/file.ts';
import { filesOf } from '../dockerconfig/managed.ts';
import { decideMode, type Phase } from '../domain/feature/mode.ts';
import type { Options } from '../domain/feature/options.ts';
import type { Notice } from '../domain/problem.ts';
import { discover, type Found } from '../domain/registries/discover.ts';
import {
  helperProblems,
  keptNotices,
  linkNotices,
  namespaceNotices,
} from '../domain/tell/notices.ts';
import { NOTHING_DONE, type Summary, summarise } from '../domain/tell/summary.ts';
import { findExpected } from '../domain/triples/expected.ts';
import type { Source } from '../domain/triples/triple.ts';
import { type EcrAccess, keepTokensOf } from '../io/ecr.ts';
import { type Exchange, exchangeAll, NO_EXCHANGE } from '../io/exchange.ts';
import { tellExposure } from '../io/exposure.ts';
import { type EnvFiles, withRemembered } from '../io/sources.ts';
import { type Plan, planChange } from '../reconcile/plan.ts';
import type { CredentialsMode, Request } from '../reconcile/request.ts';
import { NO_STATE, type State } from '../reconcile/state.ts';

/** What a person typed; a hook has its own. */
export type ApplyWords = {
  readonly credentials?: CredentialsMode | undefined;
  readonly force: boolean;
  /** Whether the sources are complete, so that what they no longer hold may be removed. */
  readonly prune: boolean;
  readonly dryRun: boolean;
};

export type ApplyInput = {
  readonly phase: Phase | 'apply';
  readonly options: Options;
  readonly words: ApplyWords;
  readonly environment: Source;
  readonly envFiles: EnvFiles;
  /** The text in which Codespaces says what it is doing. */
  readonly actionFile: string | undefined;
  /** Finds the directory of config.json; throws ConfigError. */
  readonly findDir: () => ConfigDir;
  readonly canUseHelper: boolean;
  readonly uid: number;
  readonly ecr: EcrAccess;
  readonly now: () => number;
};

/**
 * Sources → triples → desired logins → credentials → plan → file → summary. Never throws for what a
 * user can put right.
 */
export async function apply(input: ApplyInput): Promise<Summary> {
  const { environment, options, words, ecr, now } = input;
  const opened = openConfig(input.findDir);
  const { records } = ('state' in opened ? opened.state : NO_STATE).config;
  const { mode, isPrebuild } = findMode(input, records.isPostCreated);
  if (mode === 'skip') return skipped();
  const envFiles = withRemembered(input.envFiles, filesOf(records), input);
  const found = discover([environment, ...envFiles.sources], options);
  // A prebuild has no secrets of the user's; the codespace that is made from it asks again.
  const expected = isPrebuild ? [] : findExpected(options.expect, found.ids, environment);
  const exchange = mode === 'helper' ? NO_EXCHANGE : await exchangeAll(found.desired, ecr);
  const summary: Summary = {
    ...NOTHING_DONE,
    mode,
    dryRun: words.dryRun,
    problems: [...envFiles.problems, ...found.problems, ...expected, ...exchange.problems],
    notices: [...envFiles.notices, ...found.notices, ...exchange.notices],
  };
  if ('problem' in opened) return withProblem(summary, opened);
  const { dir, state } = opened;
  const isDangling = state.texts.config === undefined && leadsNowhere(dir);
  const request = { ...requestOf(input, found, envFiles, exchange), mode, isPrebuild };
  const decide = (current: State) => planChange(current, request);
  const plan = words.dryRun ? decide(state) : await updateConfig(dir, state, decide, now);
  if ('problem' in plan) return withProblem(summary, plan);
  if (request.removal !== 'none' && !words.dryRun) keepTokensOf(found.desired, ecr);
  const changed = plan.texts.config !== undefined;
  const registries = summarise(plan.changes, found.desired, exchange.unavailable);
  const isHeld = plan.changes.some(({ managed }) => managed !== undefined);
  const made = [
    ...linkNotices(dir.shown, isDangling && changed),
    ...(isHeld ? tellExposure(dir).notices : []),
  ];
  return withPlan({ ...summary, config: dir.shown, changed, registries }, plan, found, made);
}

function findMode(
  { phase, options, words, environment, actionFile }: ApplyInput,
  isPostCreated: boolean,
) {
  const signals = { env: environment.variables, actionFile, isPostCreated };
  return decideMode(phase, options, words.credentials, signals);
}

function skipped(): Summary {
  const what = 'nothing is written during a prebuild, as the option prebuild says';
  return { ...NOTHING_DONE, notices: [{ code: 'PREBUILD_SKIPPED', subject: 'prebuild', what }] };
}

function withProblem(summary: Summary, { problem }: Trouble): Summary {
  return { ...summary, problems: [...summary.problems, problem] };
}

/** With all that is to be said of what was decided. */
function withPlan(
  summary: Summary,
  { changes, problems, notices }: Plan,
  { desired }: Found,
  made: readonly Notice[],
): Summary {
  const managed = new Map(changes.map((change) => [change.name, change.managed]));
  const told = [
    ...keptNotices(changes, desired),
    ...namespaceNotices(desired, (name) => managed.get(name)),
  ];
  return {
    ...summary,
    problems: [...summary.problems, ...problems, ...helperProblems(changes)],
    notices: [...summary.notices, ...notices, ...made, ...told],
  };
}

function requestOf(
  { phase, words, environment, canUseHelper, now }: ApplyInput,
  { desired, broken, github }: Found,
  { unread, unfit }: EnvFiles,
  { credentials }: Exchange,
): Omit<Request, 'mode' | 'isPrebuild'> {
  const isCodespace = environment.variables.CODESPACES === 'true';
  return {
    desired,
    broken: { ...broken, files: new Set(unread) },
    credentials,
    isCodespace,
    isPostCreated: isCodespace && (phase === 'postCreate' || phase === 'postStart'),
    force: words.force,
    removal: words.prune ? 'all' : 'none',
    canUseHelper,
    github,
    unfitFiles: unfit,
    now: now(),
  };
}
