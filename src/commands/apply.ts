import { discover, type Found } from '../domain/discover.ts';
import { createLedger, parseLedger } from '../domain/ledger.ts';
import { keptNotices, linkNotices, namespaceNotices } from '../domain/notices.ts';
import { type PlanInput, type PlannedChange, planChange } from '../domain/plan.ts';
import type { KeyPlan, Outcome } from '../domain/reconcile.ts';
import type { Summary, SummaryRegistry } from '../domain/summary.ts';
import type { Source } from '../domain/triple.ts';
import { type CredentialsMode, type Exchanged, findWanted } from '../domain/wanted.ts';
import { type ConfigDir, leadsNowhere, readTexts, updateConfig } from '../io/config-dir.ts';
import { ConfigError } from '../io/config-error.ts';
import type { EcrAccess } from '../io/ecr.ts';
import { exchangeAll, NO_EXCHANGE } from '../io/exchange.ts';
import { type EnvFiles, readEnvFiles } from '../io/sources.ts';

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

/** Sources → triples → registries → credentials → plan → files → summary. Never throws for what a user can put right. */
export async function apply(input: ApplyInput): Promise<Summary> {
  const { environment, settings } = input;
  const envFiles = withRemembered(input);
  const found = discover([environment, ...envFiles.sources], settings);
  const exchange = settings.mode === 'helper' ? NO_EXCHANGE : await exchangeAll(found, input.ecr);
  const problems = [...envFiles.problems, ...found.problems, ...exchange.problems];
  const notices = [...found.notices, ...exchange.notices];
  const { mode, dryRun } = settings;
  const shown = { config: '', mode, dryRun, changed: false, registries: [] };
  try {
    const dir = input.findDir();
    const isDangling = leadsNowhere(dir);
    const planned = await write(
      dir,
      input,
      planInput(dir, found, { ...input, envFiles, exchanged: exchange.exchanged }),
    );
    return {
      ...shown,
      config: dir.shown,
      changed: planned.change.config !== undefined,
      registries: summarise(planned.keys, found, exchange.exchanged),
      problems: [...problems, ...planned.problems],
      notices: [
        ...notices,
        ...planned.notices,
        ...linkNotices(dir.shown, isDangling && planned.change.config !== undefined),
        ...keptNotices(planned.keys, found),
        ...namespaceNotices(found, planned.helped),
      ],
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { ...shown, problems: [...problems, error.problem], notices };
  }
}

/** An env file that was named once stays a source while it is there: a shell that does not name it must not take its entries for unwanted. */
function withRemembered({ envFiles, findDir }: ApplyInput): EnvFiles {
  const remembered = readEnvFiles(
    findRemembered(findDir).filter((path) => !envFiles.paths.includes(path)),
    '/',
    true,
  );
  return {
    sources: [...envFiles.sources, ...remembered.sources],
    paths: [...envFiles.paths, ...remembered.paths],
    problems: [...envFiles.problems, ...remembered.problems],
    unread: [...envFiles.unread, ...remembered.unread],
  };
}

function findRemembered(findDir: () => ConfigDir): readonly string[] {
  try {
    const parsed = parseLedger(readTexts(findDir()).ledger ?? '');
    return 'ledger' in parsed ? parsed.ledger.envFiles : [];
  } catch (error) {
    // Said when the files are read for the plan.
    if (error instanceof ConfigError) return [];
    throw error;
  }
}

type PlanContext = Pick<ApplyInput, 'settings' | 'canUseHelper' | 'now' | 'envFiles'> & {
  exchanged: ReadonlyMap<string, Exchanged>;
};

function planInput(
  dir: ConfigDir,
  found: Found,
  { settings, canUseHelper, now, envFiles, exchanged }: PlanContext,
): PlanInput {
  const isComplete = settings.prune && envFiles.problems.length === 0;
  const used = usedEnvFiles(found, envFiles);
  return {
    shown: dir.shown,
    newLedger: createLedger(),
    rules: {
      force: settings.force,
      canUseHelper,
      mayRemove: (row) => isComplete && !found.brokenIds.has(row.id),
      giveBackAdopted: false,
      now: now(),
    },
    want: (config, ledger) =>
      findWanted(found.claims, {
        ...settings,
        ledger,
        hasCredsStore: config.credsStore !== undefined,
        exchanged,
        githubToken: found.githubToken,
      }),
    envFiles: (before) => (isComplete ? used : [...new Set([...before, ...used])]),
  };
}

function usedEnvFiles({ claims }: Found, { sources, paths, unread }: EnvFiles): string[] {
  const used = new Set(claims.map(({ registry }) => registry.triple.source));
  return [...paths.filter((_, index) => used.has(sources[index]?.name ?? '')), ...unread];
}

async function write(
  dir: ConfigDir,
  { settings, now }: ApplyInput,
  input: PlanInput,
): Promise<PlannedChange> {
  if (settings.dryRun) return planChange(readTexts(dir), input);
  let last: PlannedChange | undefined;
  await updateConfig(dir, {
    now,
    plan: (texts) => {
      last = planChange(texts, input);
      return last.change;
    },
  });
  if (last === undefined) throw new Error('updateConfig made no plan');
  return last;
}

function summarise(
  keys: readonly KeyPlan[],
  { claims }: Found,
  exchanged: ReadonlyMap<string, Exchanged>,
): SummaryRegistry[] {
  const sources = new Map(claims.map(({ registry: { triple } }) => [triple.id, triple.source]));
  const byId = new Map<string, KeyPlan[]>();
  for (const key of keys) {
    const others = byId.get(key.id);
    if (others) others.push(key);
    else byId.set(key.id, [key]);
  }
  return [...byId].map(([id, ours]) => {
    const source = sources.get(id);
    const credential = exchanged.get(id);
    const expiresAt = typeof credential === 'object' ? credential.expiresAt : undefined;
    return {
      id,
      provider: ours[0]?.provider ?? 'other',
      ...(source === undefined ? {} : { source }),
      ready: credential !== 'unavailable' && ours.some(({ outcome }) => READY.has(outcome)),
      keys: ours.map(({ key, outcome }) => ({ key, outcome })),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
  });
}

const READY: ReadonlySet<Outcome> = new Set(['written', 'unchanged', 'kept']);
