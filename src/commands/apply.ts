import { planChange } from '../domain/decide/change.ts';
import type { CredentialsMode, Request } from '../domain/decide/request.ts';
import type { Problem } from '../domain/problem.ts';
import { discover, type Found } from '../domain/registries/discover.ts';
import {
  helperProblems,
  keptNotices,
  linkNotices,
  namespaceNotices,
} from '../domain/tell/notices.ts';
import { NOTHING_DONE, type Summary, summarise } from '../domain/tell/summary.ts';
import type { Source } from '../domain/triples/triple.ts';
import { type ConfigDir, leadsNowhere, openConfig, updateConfig } from '../io/config-dir.ts';
import { problemOf } from '../io/config-error.ts';
import type { EcrAccess } from '../io/ecr.ts';
import { type Exchange, exchangeAll, NO_EXCHANGE } from '../io/exchange.ts';
import { type EnvFiles, withRemembered } from '../io/sources.ts';

export type ApplySettings = {
  readonly mode: CredentialsMode;
  readonly isPrebuild: boolean;
  readonly githubToken: boolean;
  readonly force: boolean;
  /** Whether the sources are known to be complete, so that what they no longer hold may be removed. */
  readonly prune: boolean;
  readonly dryRun: boolean;
};

export type ApplyInput = {
  readonly environment: Source;
  readonly envFiles: EnvFiles;
  /** Finds the directory of config.json; throws ConfigError. */
  readonly findDir: () => ConfigDir;
  readonly settings: ApplySettings;
  readonly canUseHelper: boolean;
  readonly ecr: EcrAccess;
  readonly now: () => number;
};

/** Sources → triples → claims → credentials → plan → files → summary. Never throws for what a user can put right. */
export async function apply(input: ApplyInput): Promise<Summary> {
  const { environment, settings, now } = input;
  const place = openConfig(input.findDir);
  const remembered = 'state' in place ? place.state.ledger.envFiles : [];
  const envFiles = withRemembered(input.envFiles, remembered);
  const found = discover([environment, ...envFiles.sources], settings);
  const exchange =
    settings.mode === 'helper' ? NO_EXCHANGE : await exchangeAll(found.claims, input.ecr);
  const summary: Summary = {
    ...NOTHING_DONE,
    mode: settings.mode,
    dryRun: settings.dryRun,
    problems: [...envFiles.problems, ...found.problems, ...exchange.problems],
    notices: [...found.notices, ...exchange.notices],
  };
  if ('problem' in place) return withProblem(summary, place);
  const { dir, state } = place;
  const isDangling = leadsNowhere(dir);
  const request = requestOf(input, found, envFiles, exchange);
  try {
    const plan = settings.dryRun
      ? planChange(state, request)
      : await updateConfig(dir, state, (current) => planChange(current, request), now);
    const { steps, ledger, change, problems, notices } = plan;
    return {
      ...summary,
      config: dir.shown,
      changed: change.config !== undefined,
      registries: summarise(steps, found.claims, exchange.unavailable),
      problems: [...summary.problems, ...problems, ...helperProblems(steps)],
      notices: [
        ...summary.notices,
        ...notices,
        ...linkNotices(dir.shown, isDangling && change.config !== undefined),
        ...keptNotices(steps, found.claims),
        ...namespaceNotices(found.claims, ledger),
      ],
    };
  } catch (error) {
    return withProblem(summary, { problem: problemOf(error) });
  }
}

function withProblem(summary: Summary, { problem }: { readonly problem: Problem }): Summary {
  return { ...summary, problems: [...summary.problems, problem] };
}

function requestOf(
  { settings, canUseHelper, now }: ApplyInput,
  found: Found,
  envFiles: EnvFiles,
  { credentials }: Exchange,
): Request {
  const isComplete = settings.prune && envFiles.problems.length === 0;
  return {
    ...settings,
    claims: found.claims,
    github: found.github,
    credentials,
    canUseHelper,
    removal: isComplete ? { exceptIds: found.brokenIds } : 'none',
    envFiles: { used: usedEnvFiles(found, envFiles), keepsOthers: !isComplete },
    now: now(),
  };
}

function usedEnvFiles({ claims }: Found, { unread }: EnvFiles): string[] {
  return [...new Set([...claims.flatMap(({ triple }) => triple.file ?? []), ...unread])];
}
