import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ConfigNames, FileStats, Judgement } from './exposure.ts';
import type { Place, Self } from './owner.ts';
import { openPlace } from './place.ts';
import { readNearest, readRealPath, readTarget } from './real-path.ts';
import { readTracked } from './work-tree.ts';

/** Where `config.json` and, beside it, logins through our helper are. */
export type ConfigDir = Omit<Place, 'path'> &
  ConfigNames & {
    readonly logins: string;
    /** Whether it is a codespace's shared folder, which is open to everybody and has one user. */
    readonly isShared: boolean;
  };

/**
 * Finds the directory as docker does, but never guesses: throws ConfigError without HOME and
 * DOCKER_CONFIG, and where that is no absolute path of a directory.
 */
export function chooseConfigDir(
  env: Readonly<Record<string, string | undefined>>,
  self: Self,
): ConfigDir {
  const { HOME: home, DOCKER_CONFIG: explicit } = env;
  if (!explicit && !(home && existsSync(home))) throw exposure().homeError(home);
  if (explicit && !isPlainDirectory(explicit)) exposure().checkNamed(explicit, home);
  const directory = explicit || join(home ?? '', '.docker');
  const named = join(directory, 'config.json');
  const shown = home && named.startsWith(`${home}/`) ? `~${named.slice(home.length)}` : named;
  const isShared = env.CODESPACES === 'true' && isInShared(directory);
  const { path, ...place } = open(directory, isShared ? { uid: self.uid } : self, shown);
  const config = join(path, 'config.json');
  const logins = join(path, 'registry-auth-logins.json');
  return { ...place, config, logins, named, shown, isNamed: Boolean(explicit), isShared };
}

/** What every program takes for one directory. */
function isPlainDirectory(path: string): boolean {
  return /^\/[^"'\s]*$/.test(path) && existsSync(`${path}/.`);
}

/** Where a codespace keeps what `~/.docker` leads to. */
const SHARED = '/workspaces/.codespaces/';

function isInShared(directory: string): boolean {
  try {
    return readRealPath(directory).startsWith(SHARED);
  } catch {
    return false;
  }
}

function open(directory: string, self: Self, shown: string): Place {
  try {
    return openPlace(directory, self);
  } catch {
    throw exposure().ofAnother(shown);
  }
}

/** The mode of the directory, before anything in it is read. Throws ConfigError for everybody's. */
export function readFolderMode(dir: ConfigDir): number {
  if (dir.isShared) return 0;
  const wanted = dirname(readTarget(dir.config));
  const found = readNearest(wanted);
  const { mode } = statSync(found);
  if ((mode & EVERYBODY_WRITES) !== 0) throw exposure().tooOpen(dir.shown, found === wanted);
  if (dir.isBelowOpen) throw exposure().belowOpen(dir.shown);
  return mode;
}

/** Who else could read or change the files. */
export function readJudgement(dir: ConfigDir, folderMode: number, files: FileStats): Judgement {
  if (dir.isShared) return ORDINARY;
  const isTracked = readTracked(readRealPath(dir.config));
  const areLoginsTracked = files.logins && readTracked(readRealPath(dir.logins));
  const others = (folderMode & 0o020) | ((files.config?.mode ?? 0) & 0o066);
  const isOpen = others !== 0 || ((files.logins?.mode ?? 0) & EVERYBODY_WRITES) !== 0;
  const { isForeign } = dir;
  if (!isOpen && !isForeign && (isTracked ?? areLoginsTracked) === undefined) return ORDINARY;
  return exposure().judge(dir, {
    ...{ ...files, folderMode, isForeign, isTracked, areLoginsTracked },
  });
}

const exposure = (): typeof import('./exposure.ts') => require('./exposure.ts');

const ORDINARY: Judgement = { notices: [], isBelieved: true };
const EVERYBODY_WRITES = 0o002;
