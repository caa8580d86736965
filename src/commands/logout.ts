import { createLedger, type Row } from '../domain/ledger.ts';
import { type PlannedChange, planChange } from '../domain/plan.ts';
import type { Problem } from '../domain/problem.ts';
import { findHostKeys, findNamespaceKeys, parseServer } from '../domain/server.ts';
import type { Summary } from '../domain/summary.ts';
import { type ConfigDir, ConfigError, updateConfig } from '../io/config-dir.ts';

export type LogoutInput = {
  /** IDs or hosts; none means everything that we wrote. */
  readonly names: readonly string[];
  readonly findDir: () => ConfigDir;
  readonly now: () => number;
};

/** Removes what we wrote and puts back what was replaced. Other entries are not touched; secrets still set come back with the next apply. */
export async function logout({ names, findDir, now }: LogoutInput): Promise<Summary> {
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
    const planned = await removeRows(dir, names, now);
    const ids = [...new Set(planned.keys.map(({ id }) => id))];
    return {
      ...shown,
      config: dir.shown,
      changed: Object.values(planned.change).some((value) => value !== undefined),
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
      const mayRemove = (row: Row, key: string) => {
        const matching = names.filter((name) => name === row.id || findKeys(name).includes(key));
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

function findKeys(name: string): string[] {
  const parsed = parseServer(name);
  if (!('server' in parsed)) return [];
  const { host, namespace } = parsed.server;
  return namespace === undefined ? findHostKeys(host) : findNamespaceKeys(host, namespace);
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
