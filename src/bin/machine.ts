import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ENVIRONMENT, type Source } from '../domain/triple.ts';
import type { EcrAccess } from '../io/ecr.ts';
import { openTokenCache } from '../io/token-cache.ts';

/** The process, for the entries: no other file looks at it. */
export const environment: Source = { name: ENVIRONMENT, variables: process.env };

export const uid = process.getuid?.() ?? 0;

/** The bundles' folder. */
const libraries = dirname(process.argv[1] ?? '.');

/** What install.sh wrote down, beside the bundles. */
export const optionsFile = join(libraries, '..', 'options.json');

/** A file's text, or undefined when it cannot be read. */
export function readFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Whether docker will find a program of this name. */
export function isOnPath(name: string): boolean {
  const directories = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((directory) => directory !== '');
  return directories.some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export function ecrAccess(budgetMs: number): EcrAccess {
  return {
    load: () => {
      // Speaks up on Node 20 otherwise, in the middle of a docker pull.
      process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
      return import(pathToFileURL(join(libraries, 'ecr.cjs')).href);
    },
    get cache() {
      return openTokenCache(process.env, uid);
    },
    now: Date.now,
    budgetMs,
  };
}
