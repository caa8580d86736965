import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { discover } from '../domain/discover.ts';
import { type DockerConfig, parseDockerConfig } from '../domain/docker-config.ts';
import { fingerprintEntry, type Ledger, parseLedger, type Row } from '../domain/ledger.ts';
import { HELPER } from '../domain/place.ts';
import { planChange } from '../domain/plan.ts';
import type { Problem } from '../domain/problem.ts';
import { type Claim, findLoginKey } from '../domain/registry.ts';
import { findShadows, type OtherFile, parseKeys } from '../domain/shadow.ts';
import type { Status, StatusKey } from '../domain/status.ts';
import type { Source } from '../domain/triple.ts';
import { type ConfigDir, readTexts } from '../io/config-dir.ts';
import { ConfigError } from '../io/config-error.ts';
import { readEnvFiles } from '../io/sources.ts';

export type StatusInput = {
  readonly environment: Source;
  readonly githubToken: boolean;
  readonly findDir: () => ConfigDir;
  readonly now: () => number;
  readonly uid: number;
};

/** What is configured, from which source, until when, and what keeps a client from seeing it. Reads only, and asks nobody. */
export function findStatus(input: StatusInput): Status {
  try {
    return describe(input, input.findDir());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: '', keys: [], problems: [error.problem], notices: [] };
  }
}

function describe({ environment, githubToken, now, uid }: StatusInput, dir: ConfigDir): Status {
  const texts = readTexts(dir);
  const config = parseDockerConfig(texts.config ?? '');
  const parsed = texts.ledger === undefined ? undefined : parseLedger(texts.ledger);
  const ledger = parsed && 'ledger' in parsed ? parsed.ledger : undefined;
  const files = readEnvFiles(ledger?.envFiles ?? [], '/');
  const found = discover([environment, ...files.sources], { githubToken });
  const common = { config: dir.shown, notices: found.notices };
  if ('code' in config || (parsed && !ledger)) {
    return { ...common, keys: [], problems: [...found.problems, ...faults(texts, dir.shown)] };
  }
  const keys = findKeys(found.claims, { config, ledger, now: now() });
  const env = environment.variables;
  const unhelped = keys
    .filter(({ key, state }) => config.credsStore && state === 'file' && isHost(key))
    .map(({ key }) => key);
  const shadows = findShadows({
    env,
    keys: keys.map(({ key }) => key),
    unhelped,
    others: readOthers(env, dir, uid),
    shown: dir.shown,
  });
  return {
    ...common,
    ...(config.credsStore ? { credsStore: config.credsStore } : {}),
    keys,
    problems: [...found.problems, ...files.problems, ...shadows],
  };
}

function faults(texts: Parameters<typeof planChange>[0], shown: string): Problem[] {
  const rules = {
    force: false,
    canUseHelper: true,
    giveBackAdopted: false,
    now: 0,
    mayRemove: () => false,
  };
  const newLedger: Ledger = { secret: '', rows: {}, logins: {}, blanks: {}, envFiles: [] };
  const planned = planChange(texts, {
    shown,
    rules,
    newLedger,
    want: () => [],
    envFiles: (before) => before,
  });
  const damaged = planned.notices.map((notice) => ({
    ...notice,
    what: 'cannot be read',
    fix: 'run registry-auth apply',
  }));
  return [...planned.problems, ...damaged];
}

function isHost(key: string): boolean {
  return key.includes('://') || !key.includes('/');
}

type KeyContext = { config: DockerConfig; ledger: Ledger | undefined; now: number };

function findKeys(claims: readonly Claim[], context: KeyContext): StatusKey[] {
  const rows = context.ledger?.rows ?? {};
  const claimed = claims.map(({ key, registry }) => ({
    key,
    id: registry.triple.id,
    provider: registry.provider,
    source: registry.triple.source,
  }));
  const others = Object.entries(rows)
    .filter(([key]) => !claims.some((claim) => claim.key === key))
    .map(([key, { id, provider }]) => ({ key, id, provider }));
  return [...claimed, ...others].map((one) => {
    const expiresAt = rows[one.key]?.expiresAt;
    return {
      ...one,
      state: findState(one.key, rows[one.key], { ...context, hasSource: 'source' in one }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    };
  });
}

function findState(
  key: string,
  row: Row | undefined,
  { config, ledger, now, hasSource }: KeyContext & { hasSource: boolean },
): StatusKey['state'] {
  const entry = config.auths.get(key);
  const isOurs =
    entry !== undefined && ledger !== undefined && row?.entry === fingerprintEntry(ledger, entry);
  const login = ledger?.logins[findLoginKey(key)];
  if (login) return login.user === undefined ? 'logged-out' : 'login';
  if (entry !== undefined && !isOurs) return 'login';
  const isExpired = (row?.expiresAt ?? Number.POSITIVE_INFINITY) <= now;
  const isHelped = config.credHelpers.get(key) === HELPER;
  if (isHelped && (hasSource || !isExpired)) return 'helper';
  if (isExpired) return 'expired';
  return isOurs ? 'file' : 'missing';
}

/** Files that other clients read before ours (clients.md 3.1 and 5.6). */
function readOthers(
  env: Readonly<Record<string, string | undefined>>,
  dir: ConfigDir,
  uid: number,
): OtherFile[] {
  const home = env.HOME ?? '/';
  const configHome = env.XDG_CONFIG_HOME || join(home, '.config');
  const runtime = env.XDG_RUNTIME_DIR || `/run/containers/${uid}`;
  const files: readonly (readonly [OtherFile['kind'], string])[] = [
    ['auth.json', join(runtime, env.XDG_RUNTIME_DIR ? 'containers/auth.json' : 'auth.json')],
    ['auth.json', join(configHome, 'containers/auth.json')],
    ['helm', env.HELM_REGISTRY_CONFIG || join(configHome, 'helm/registry/config.json')],
    ['docker', join(home, '.docker/config.json')],
  ];
  return files
    .filter(([, path]) => path !== dir.config)
    .map(([kind, path]) => ({ kind, path, keys: parseKeys(read(path)) }));
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
