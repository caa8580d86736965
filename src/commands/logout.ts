import { createLedger, parseLedger, type Row } from '../domain/ledger.ts';
import { parseAsked } from '../domain/lookup.ts';
import { type PlannedChange, planChange } from '../domain/plan.ts';
import type { Problem } from '../domain/problem.ts';
import { findHostKeys } from '../domain/server.ts';
import type { Summary } from '../domain/summary.ts';
import { type ConfigDir, updateConfig } from '../io/config-dir.ts';
import { ConfigError } from '../io/config-error.ts';
import type { EcrAccess } from '../io/ecr.ts';
import { forgetTokens, type TokenCache } from '../io/token-cache.ts';

export type LogoutInput = {
  /** IDs or hosts; none means everything that we wrote. */
  readonly names: readonly string[];
  readonly findDir: () => ConfigDir;
  readonly ecr: Pick<EcrAccess, 'cache' | 'now'>;
};

/** Removes what we wrote and puts back what was replaced. Other entries are not touched; secrets still set come back with the next apply. */
export async function logout({ names, findDir, ecr }: LogoutInput): Promise<Summary> {
  const shown = {
    config: '',
    mode: 'file' as const,
    dryRun: false,
    changed: false,
    registries: [],
    notices: [],
  };
  try {
    const dir = findDir();
    const planned = await removeRows(dir, names, ecr.now);
    forget(planned.keys, ecr.cache);
    const ids = [...new Set(planned.keys.map(({ id }) => id))];
    return {
      ...shown,
      config: dir.shown,
      changed: planned.change.config !== undefined,
      registries: ids.map((id) => ({
        id,
        provider: planned.keys.find((key) => key.id === id)?.provider ?? 'other',
        ready: false,
        keys: planned.keys
          .filter((key) => key.id === id)
          .map(({ key, outcome }) => ({ key, outcome })),
      })),
      problems: [...planned.problems, ...findUnknown(names, planned.matched)],
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { ...shown, problems: [error.problem] };
  }
}

/** A token that is still in memory would go on answering. */
function forget(keys: PlannedChange['keys'], cache: TokenCache | undefined): void {
  for (const { key, provider } of keys) {
    if (cache && provider.startsWith('ecr')) forgetTokens(cache, key);
  }
}

type Removed = PlannedChange & { matched: ReadonlySet<string> };

async function removeRows(
  dir: ConfigDir,
  names: readonly string[],
  now: () => number,
): Promise<Removed> {
  let removed: Removed | undefined;
  await updateConfig(dir, {
    now,
    plan: (texts) => {
      const matched = new Set<string>();
      const parsed = parseLedger(texts.ledger ?? '');
      const rows = 'ledger' in parsed ? parsed.ledger.rows : {};
      const mayRemove = (row: Row, key: string) => {
        const matching = names.filter((name) => isNamed(name, key, row, rows));
        for (const name of matching) matched.add(name);
        return names.length === 0 || matching.length > 0;
      };
      const rules = {
        force: false,
        canUseHelper: true,
        giveBackAdopted: true,
        now: now(),
        mayRemove,
      };
      const planned = planChange(texts, {
        shown: dir.shown,
        newLedger: createLedger(),
        rules,
        want: () => [],
        envFiles: (before) => (names.length === 0 ? [] : before),
      });
      removed = {
        ...planned,
        keys: planned.keys.filter(({ outcome }) => outcome !== 'unchanged'),
        matched,
      };
      return planned.change;
    },
  });
  if (removed === undefined) throw new Error('updateConfig made no plan');
  return removed;
}

/** A name is an ID; or a host, with every namespace of it; or a namespace, with the host's own key where that is the same triple's. */
function isNamed(
  name: string,
  key: string,
  row: Row,
  rows: Readonly<Record<string, Row>>,
): boolean {
  if (name === row.id) return true;
  const asked = parseAsked(name);
  if (asked === undefined) return false;
  const hostKeys = findHostKeys(asked.host);
  if (!hostKeys.some((host) => key === host || key.startsWith(`${host}/`))) return false;
  const exact = asked.keys[0] ?? '';
  return hostKeys.includes(exact) || rows[exact]?.id === row.id;
}

function findUnknown(names: readonly string[], matched: ReadonlySet<string>): Problem[] {
  return names
    .filter((name) => !matched.has(name))
    .map((name) => ({
      code: 'NOTHING_TO_LOG_OUT',
      subject: name,
      what: 'is no ID or host that registry-auth wrote an entry for',
      fix: 'run registry-auth status to see what there is',
    }));
}
