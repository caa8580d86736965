import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { CODESPACE_ACTION_FILE } from '../domain/feature/mode.ts';
import { type Options, parseOptions } from '../domain/feature/options.ts';
import { ENVIRONMENT, type Source } from '../domain/triples/triple.ts';
import { readIfThere } from '../io/bounded-read.ts';
import { locateTokenCache, openTokenCache } from '../io/token-cache.ts';
import type { ExchangeAccess } from '../providers/exchange.ts';

/** The process, for the entries. */
export const environment: Source = { name: ENVIRONMENT, variables: copyOf(process.env) };

/**
 * Copied once, because every look at process.env asks the operating system anew, and so that each
 * variable is looked up once. An object without a prototype takes hundreds of names in half the
 * time.
 */
function copyOf(env: NodeJS.ProcessEnv): Source['variables'] {
  const variables = Object.create(null);
  for (const name of Object.getOwnPropertyNames(env)) variables[name] = env[name];
  return variables;
}

export const uid = process.getuid?.() ?? 0;

/** The bundles' folder. */
const libraries = dirname(process.argv[1] ?? '.');

/** A bundle beside this one. */
export function loadBundle<T>(name: string): T {
  return require(join(libraries, `${name}.cjs`));
}

/** What install.sh wrote down, beside the bundles. */
export function readOptions(): Options {
  return parseOptions(readIfThere(join(libraries, '..', 'options.json')));
}

/** What the Feature was told, and what Codespaces says. */
export function readFeature() {
  return { options: readOptions(), actionFile: readIfThere(CODESPACE_ACTION_FILE) };
}

/** Whether docker will find a program of this name. */
export function isOnPath(name: string): boolean {
  const directories = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((directory) => directory !== '');
  return directories.some((directory) => isProgram(join(directory, name)));
}

/** What is not there is no error for existsSync, and making one takes longer than all else here. */
function isProgram(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export function ecrAccess(budgetMs: number): ExchangeAccess {
  return {
    load: async () => {
      // A profile's endpoint_url would send the triple's keys elsewhere; AWS_ENDPOINT_URL… stay the
      // user's to set.
      process.env.AWS_CONFIG_FILE = '/dev/null';
      process.env.AWS_SHARED_CREDENTIALS_FILE = '/dev/null';
      return loadBundle('ecr');
    },
    get cache() {
      return openTokenCache(process.env, uid);
    },
    get madeCache() {
      return locateTokenCache(process.env, uid);
    },
    now: Date.now,
    budgetMs,
  };
}
