import { existsSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Notice, Problem } from '../domain/problem.ts';
import { isLedElsewhere, readRealPath, SHARED } from './real-path.ts';

/** Where secrets are to rest, and who we are. */
export type Resting = {
  readonly config: string;
  readonly logins: string;
  /** The path of config.json as the user knows it. */
  readonly shown: string;
  readonly uid: number;
  /** Whether DOCKER_CONFIG named the directory. */
  readonly isNamed: boolean;
};

/** What is to be said of the place; with a refusal nothing is written there. */
export type Exposure = { readonly refusal?: Problem; readonly notices: readonly Notice[] };

/** Who else can read or change the configuration, and what a person can do about it. */
export function readExposure(place: Resting): Exposure {
  const real = readRealPath(place.config);
  const directory = statSync(dirname(real), { throwIfNoEntry: false });
  const file = statSync(real, { throwIfNoEntry: false });
  const tracked = place.isNamed && isInWorkTree(dirname(real)) ? [inWorkTree(place.shown)] : [];
  if (isLedElsewhere(place.config) || isLedElsewhere(place.logins))
    return { refusal: elsewhere(place.shown), notices: tracked };
  if (directory === undefined) return { notices: tracked };
  const refusal = checkDirectory(place, real, directory);
  const isShared = real.startsWith(SHARED);
  const open = isShared && refusal ? [refusal] : [];
  const notices = [...open, ...checkModes(place, directory, file), ...tracked];
  return refusal && !isShared ? { refusal, notices } : { notices };
}

/** The same, for telling only: of what cannot be looked at there is nothing to tell. */
export function tellExposure(place: Resting): Exposure {
  try {
    return readExposure(place);
  } catch {
    return { notices: [] };
  }
}

const EVERYBODY_WRITES = 0o002;
const GROUP_WRITES = 0o020;
const OTHERS_MAY = 0o066;

function isForeign({ uid }: Resting, directory: Stats): boolean {
  return uid === 0 && directory.uid !== 0;
}

function checkDirectory(place: Resting, real: string, directory: Stats): Problem | undefined {
  if ((directory.mode & EVERYBODY_WRITES) !== 0) {
    const what = 'lies in a directory that everybody may write to; left unchanged';
    return exposed(place, what, `chmod go-w ${dirname(place.shown)}`);
  }
  const isOpen = (path: string) => (statSync(path).mode & EVERYBODY_WRITES) !== 0;
  if (!isForeign(place, directory) || !ancestorsOf(real).some(isOpen)) return undefined;
  const what = "is another user's, below a directory that everybody may write to; left unchanged";
  return { code: 'CONFIG_EXPOSED', subject: place.shown, what, fix: AS_THAT_USER };
}

const AS_THAT_USER = 'run registry-auth as that user, or set DOCKER_CONFIG to a directory of root';

function elsewhere(subject: string): Problem {
  const what =
    "or the logins beside it are reached by another user's link to what is not theirs; left unchanged";
  return { code: 'CONFIG_EXPOSED', subject, what, fix: AS_THAT_USER };
}

function ancestorsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...ancestorsOf(parent)];
}

function checkModes(place: Resting, directory: Stats, file: Stats | undefined): Notice[] {
  const { shown } = place;
  const isWritable = (directory.mode & (GROUP_WRITES | EVERYBODY_WRITES)) === GROUP_WRITES;
  const isReadable = file !== undefined && (file.mode & OTHERS_MAY) !== 0;
  const writable = 'lies in a directory that other users may write to';
  return [
    ...(isWritable ? [exposed(place, writable, `chmod go-w ${dirname(shown)}`)] : []),
    ...(isReadable ? [exposed(place, 'is open to other users', `chmod go-rwx ${shown}`)] : []),
    ...(isForeign(place, directory) ? [ofAnother(shown)] : []),
  ];
}

function exposed({ shown }: Resting, what: string, command: string): Problem {
  return { code: 'CONFIG_EXPOSED', subject: shown, what, fix: `run ${command}` };
}

function ofAnother(subject: string): Notice {
  const what = 'belongs to another user, who can read what root writes there';
  const fix = 'run registry-auth as that user, or set HOME to a home of root';
  return { code: 'CONFIG_OF_ANOTHER', subject, what, fix };
}

/** What `git add` would find. */
function isInWorkTree(directory: string): boolean {
  return [directory, ...ancestorsOf(directory)].some((path) => existsSync(join(path, '.git')));
}

function inWorkTree(subject: string): Notice {
  const what = 'lies in a git work tree, so that git add would find what is written there';
  const fix = 'add it to .gitignore, or set DOCKER_CONFIG to a directory outside';
  return { code: 'CONFIG_IN_WORK_TREE', subject, what, fix };
}
