import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { attempt } from '../../attempt.ts';
import { readNearest, readRealPath } from '../files/real-path.ts';
import type { Facts, Judgement } from './exposure.ts';
import type { Place, Self } from './owner.ts';
import { openPlace } from './place.ts';
import { readTracked } from './work-tree.ts';

/** Where `config.json` and the stored logins beside it are. */
export type ConfigDir = Omit<Place, 'path'> & {
  /** Paths to open. */
  readonly config: string;
  readonly logins: string;
  /** config.json as it is named, and as messages show it: with `~` for the home directory. */
  readonly named: string;
  readonly shown: string;
  /** Whether it is a codespace's shared folder: open to all, but with only one user. */
  readonly isShared: boolean;
};

/**
 * Finds the directory as docker does, but never guesses: throws a problem without HOME and
 * DOCKER_CONFIG, and if that is not the absolute path of a directory.
 */
export function chooseConfigDir(
  env: Readonly<Record<string, string | undefined>>,
  self: Self,
): ConfigDir {
  const { HOME: home, DOCKER_CONFIG: explicit } = env;
  if (!explicit && !(home && existsSync(home))) throw exposure().homeError(home);
  if (explicit && !isPlainDirectory(explicit)) exposure().checkNamed(explicit, home);
  // Like docker, join removes the name before `..`, even if that is a link to another place.
  const named = join(explicit || `${home}/.docker`, 'config.json');
  const directory = dirname(named);
  const shown = home && named.startsWith(`${home}/`) ? `~${named.slice(home.length)}` : named;
  const isShared = env.CODESPACES === 'true' && readWithoutLinks(directory).startsWith(SHARED);
  const { path, ...place } = open(directory, isShared ? { uid: self.uid } : self, shown);
  const config = `${path}/config.json`;
  const logins = `${path}/registry-auth-logins.json`;
  return { ...place, config, logins, named, shown, isShared };
}

/** Whether every program reads the path alike. */
function isPlainDirectory(path: string): boolean {
  return /^\/[^"'\s]*$/.test(path) && existsSync(`${path}/.`);
}

/** Where a codespace's `~/.docker` leads. */
const SHARED = '/workspaces/.codespaces/';

function readWithoutLinks(directory: string): string {
  return attempt(() => readRealPath(directory)) ?? '';
}

function open(directory: string, self: Self, shown: string): Place {
  try {
    return openPlace(directory, self);
  } catch (error) {
    throw exposure().ofAnother(shown, error);
  }
}

/**
 * The mode of the directory that holds `target`, before we read in it. Throws a problem if every
 * user may write to it.
 */
export function readFolderMode({ isShared, shown }: ConfigDir, target: string): number {
  if (isShared) return 0;
  const { path, stat } = readNearest(dirname(target));
  if ((stat.mode & EVERYBODY_WRITES) !== 0)
    throw exposure().tooOpen(shown, path === dirname(target));
  return stat.mode;
}

/** Who else could read or change files with these modes. `target` is where config.json leads. */
export function readJudgement(dir: ConfigDir, target: string, modes: Facts['modes']): Judgement {
  if (dir.isShared) return ORDINARY;
  const { folder, config, logins } = modes;
  const isTracked = readTracked(join(readRealPath(dirname(target)), basename(target)));
  const areLoginsTracked = logins === 0 ? undefined : readTracked(readRealPath(dir.logins));
  const isOpen = ((folder & 0o020) | (config & 0o066) | (logins & EVERYBODY_WRITES)) !== 0;
  const isOrdinary = !isOpen && !dir.isForeign && (isTracked ?? areLoginsTracked) === undefined;
  return isOrdinary ? ORDINARY : exposure().judge({ ...dir, modes, isTracked, areLoginsTracked });
}

/** Loaded only if something is unusual. */
export const exposure = (): typeof import('./exposure.ts') => require('./exposure.ts');

const ORDINARY: Judgement = { notices: [], isBelieved: true };
const EVERYBODY_WRITES = 0o002;
