import { dirname } from 'node:path';
import { CODESPACE_ACTION_FILE } from '../feature/mode.ts';
import { type Options, type OptionsFile, parseOptions } from '../feature/options.ts';
import { foldersIn, isProgram } from '../io/clients.ts';
import { readIfThere } from '../io/files/bounded-read.ts';
import type { User } from '../io/place/owner.ts';
import { openTokenCache, type TokenCache } from '../io/token-cache.ts';
import type { ExchangeAccess } from '../providers/on-demand/exchange.ts';
import { ENVIRONMENT, type Source } from '../secrets/triple.ts';

const environment: Source = { name: ENVIRONMENT, variables: copyOf(process.env) };

/** Each read of process.env calls the system; and a copy without a prototype is faster to make. */
function copyOf(env: NodeJS.ProcessEnv): Source['variables'] {
  const variables = Object.create(null);
  for (const name of Object.getOwnPropertyNames(env)) variables[name] = env[name];
  return variables;
}

const uid = process.getuid?.() ?? 0;

// A umask that removes our own rights would leave a directory that we cannot use.
process.umask(0o077);

let own: { readonly gid: number; readonly groups: readonly number[] } | undefined;

/** Limits root to this user's rights from now on; without one, restores root's own. */
function become(user?: User): void {
  own ??= { gid: process.getegid?.() ?? 0, groups: process.getgroups?.() ?? [] };
  process.seteuid?.(0);
  process.setegid?.(own.gid);
  process.setgroups?.(user ? [user.gid] : own.groups);
  if (!user) return;
  process.setegid?.(user.gid);
  process.seteuid?.(user.uid);
}

/** This process, for `readWorld`. */
export const SELF = { environment, uid, become, now: Date.now };

const libraries = dirname(process.argv[1] ?? '.');

type Bundles = {
  readonly 'command-line': typeof import('./command-line.ts');
  readonly check: typeof import('./check.ts');
  readonly configure: typeof import('./configure.ts');
  readonly ecr: typeof import('../providers/ecr/sdk.ts');
  readonly inspect: typeof import('./inspect.ts');
  readonly run: typeof import('./run.ts');
  readonly login: typeof import('../commands/login.ts');
};

export function loadBundle<Name extends keyof Bundles>(name: Name): Bundles[Name] {
  return require(`${libraries}/${name}.cjs`);
}

/** What install.sh wrote, beside the bundles. */
const OPTIONS_FILE = `${dirname(libraries)}/options.json`;

export function readOptions(): Options {
  return parseOptions(readIfThere(OPTIONS_FILE));
}

/** With its text, because `status` and `--version` show where each option is from. */
export function readOptionsFile(): OptionsFile {
  return { path: OPTIONS_FILE, text: readIfThere(OPTIONS_FILE) };
}

/** The options, and the file with Codespaces' action. */
export function readFeature() {
  return { options: readOptions(), actionFile: readIfThere(CODESPACE_ACTION_FILE) };
}

/** Whether docker will find our helper. */
export function canUseHelper(): boolean {
  const program = 'docker-credential-registry-auth';
  return foldersIn(environment.variables).some((folder) => isProgram(`${folder}/${program}`));
}

/** Opened once, and open until the process ends. */
let cache: TokenCache | undefined;

/** `mayRun` is whether it may run the commands of triples: no start does. */
export function ecrAccess(budgetMs: number, mayRun = false): ExchangeAccess {
  const run: ExchangeAccess['run'] = (command, limitMs) =>
    loadBundle('run').run(command, limitMs, environment);
  return {
    ...(mayRun ? { run } : {}),
    load: async () => {
      // A profile's endpoint_url would send the triple's keys elsewhere.
      process.env.AWS_CONFIG_FILE = '/dev/null';
      process.env.AWS_SHARED_CREDENTIALS_FILE = '/dev/null';
      const ecr = loadBundle('ecr');
      ecr.useProxies(process.env, process.versions.node);
      return ecr;
    },
    get cache() {
      cache ??= openTokenCache(process.env, uid);
      return cache;
    },
    get madeCache() {
      cache ??= openTokenCache(process.env, uid, false);
      return cache;
    },
    now: Date.now,
    budgetMs,
  };
}
