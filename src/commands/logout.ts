import { planChange } from '../domain/decide/change.ts';
import { findNamed } from '../domain/decide/named.ts';
import type { Request } from '../domain/decide/request.ts';
import type { Step } from '../domain/decide/step.ts';
import type { Problem } from '../domain/problem.ts';
import { NOTHING_DONE, type Summary, summarise } from '../domain/tell/summary.ts';
import { type ConfigDir, openConfig, updateConfig } from '../io/config-dir.ts';
import type { EcrAccess } from '../io/ecr.ts';
import { forgetTokens, type TokenCache } from '../io/token-cache.ts';

export type LogoutInput = {
  /** IDs or hosts; none means everything that we wrote. */
  readonly names: readonly string[];
  readonly findDir: () => ConfigDir;
  readonly ecr: Pick<EcrAccess, 'cache' | 'now'>;
};

/**
 * Removes what we wrote and puts back what was replaced. Other entries are not touched; secrets
 * still set come back with the next apply.
 */
export async function logout({ names, findDir, ecr }: LogoutInput): Promise<Summary> {
  const opened = openConfig(findDir);
  if ('problem' in opened) return { ...NOTHING_DONE, problems: [opened.problem] };
  const { dir, state } = opened;
  const { keys, unknown } = findNamed(names, state.ledger);
  const request = requestOf(keys, names.length > 0, ecr.now());
  const plan = await updateConfig(dir, state, (now) => planChange(now, request), ecr.now);
  if ('problem' in plan) return { ...NOTHING_DONE, problems: [plan.problem] };
  const gone = plan.steps.filter(({ row }) => row === undefined);
  forget(gone, ecr.cache);
  return {
    ...NOTHING_DONE,
    config: dir.shown,
    changed: plan.change.config !== undefined,
    registries: summarise(gone, [], new Set()).map((registry) => ({ ...registry, ready: false })),
    problems: [...plan.problems, ...unknown.map(nothingToLogOut)],
    notices: plan.notices,
  };
}

function requestOf(keys: ReadonlySet<string>, keepsOthers: boolean, now: number): Request {
  return {
    claims: [],
    credentials: new Map(),
    mode: 'file',
    isPrebuild: false,
    isPostCreated: false,
    force: false,
    removal: { keys },
    canUseHelper: true,
    github: undefined,
    envFiles: { used: [], keepsOthers, unfit: [] },
    now,
  };
}

/** A token that is still in memory would go on answering. */
function forget(steps: readonly Step[], cache: TokenCache | undefined): void {
  for (const { key, provider } of steps) {
    if (cache && provider.startsWith('ecr')) forgetTokens(cache, key);
  }
}

function nothingToLogOut(subject: string): Problem {
  const what = 'is no ID or host that registry-auth wrote an entry for';
  const fix = 'run registry-auth status to see what there is';
  return { code: 'NOTHING_TO_LOG_OUT', subject, what, fix };
}
