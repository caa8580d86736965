import { planChange } from '../domain/decide/change.ts';
import { findNamed, type NamedKeys } from '../domain/decide/named.ts';
import type { Step } from '../domain/decide/step.ts';
import type { Notice, Problem } from '../domain/problem.ts';
import { findLoginKey } from '../domain/registries/keys.ts';
import { NOTHING_DONE, type Summary, summarise } from '../domain/tell/summary.ts';
import { type ConfigDir, openConfig, updateConfig } from '../io/config-dir.ts';
import type { EcrAccess } from '../io/ecr.ts';
import { forgetTokens, keepTokens, type TokenCache } from '../io/token-cache.ts';

export type LogoutInput = {
  /** IDs or hosts; none means everything that we wrote. */
  readonly names: readonly string[];
  readonly findDir: () => ConfigDir;
  readonly ecr: Pick<EcrAccess, 'madeCache' | 'now'>;
  readonly newKey: string;
};

/**
 * Removes what we wrote and puts back what was replaced, with the logins that our helper holds and
 * the cached tokens. Other entries are not touched; secrets still set come back with the next
 * apply.
 */
export async function logout({ names, findDir, ecr, newKey }: LogoutInput): Promise<Summary> {
  const opened = openConfig(findDir);
  if ('problem' in opened) return { ...NOTHING_DONE, problems: [opened.problem] };
  const { dir, state } = opened;
  const named = findNamed(names, state.ledger);
  const request = { ...requestOf(named, names.length > 0), now: ecr.now(), newKey };
  const plan = await updateConfig(dir, state, (now) => planChange(now, request), ecr.now);
  if ('problem' in plan) return { ...NOTHING_DONE, problems: [plan.problem] };
  const gone = plan.steps.filter(({ row }) => row === undefined);
  const tokens = forgetCached(names, gone, ecr.madeCache);
  const rows = new Set(Object.keys(state.ledger.rows).map(findLoginKey));
  const logins = [...named.logins].filter((key) => !rows.has(key));
  return {
    ...NOTHING_DONE,
    config: dir.shown,
    changed:
      [plan.change.config, plan.change.ledger].some((text) => text !== undefined) || tokens > 0,
    registries: summarise(gone, [], new Set()).map((registry) => ({ ...registry, ready: false })),
    problems: [...plan.problems, ...named.unknown.map(nothingToLogOut)],
    notices: [...plan.notices, ...logins.map(loginForgotten), ...tokensForgotten(tokens)],
  };
}

function requestOf({ keys, logins }: NamedKeys, keepsOthers: boolean) {
  return {
    claims: [],
    credentials: new Map(),
    mode: 'file' as const,
    isPrebuild: false,
    isPostCreated: false,
    force: false,
    removal: { keys },
    forgottenLogins: logins,
    canUseHelper: true,
    github: undefined,
    envFiles: { used: [], keepsOthers, unfit: [] },
  };
}

/** A token that is still in memory would go on answering. */
function forgetCached(
  names: readonly string[],
  steps: readonly Step[],
  cache: TokenCache | undefined,
): number {
  if (!cache) return 0;
  if (names.length === 0) return keepTokens(cache, []);
  const amazons = steps.filter(({ provider }) => provider.startsWith('ecr'));
  return amazons.reduce((count, { key }) => count + forgetTokens(cache, key), 0);
}

function loginForgotten(subject: string): Notice {
  return { code: 'LOGIN_FORGOTTEN', subject, what: 'the login that our helper held is removed' };
}

function tokensForgotten(count: number): Notice[] {
  const what = `${count} removed from memory`;
  return count > 0 ? [{ code: 'TOKENS_FORGOTTEN', subject: 'tokens of Amazon ECR', what }] : [];
}

/** A person may have typed an address with a password in it. */
function nothingToLogOut(word: string): Problem {
  const subject = word.slice(word.lastIndexOf('@') + 1);
  const what = 'is no ID or host that registry-auth wrote an entry for';
  const fix = 'run registry-auth status to see what there is';
  return { code: 'NOTHING_TO_LOG_OUT', subject, what, fix };
}
