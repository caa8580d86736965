import { existsSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Notice, Problem } from '../domain/problem.ts';
import { isLedElsewhere, readRealPath, SHARED } from './real-path.ts';

/** The files that secrets are written to, and who we are. */
type Place = {
  readonly config: string;
  readonly logins: string;
  /** The path of config.json as the user knows it. */
  readonly shown: string;
  readonly uid: number;
  /** Whether DOCKER_CONFIG named the directory. */
  readonly isNamed: boolean;
};

/** With a refusal nothing is written there. */
type Exposure = { readonly refusal?: Problem | undefined; readonly notices: readonly Notice[] };

/** Who else can read or change the configuration, and what a person can do about it. */
export function readExposure(place: Place): Exposure {
  const { config, logins, isNamed, shown: subject } = place;
  const real = readRealPath(config);
  const directory = statSync(dirname(real), { throwIfNoEntry: false });
  const tracked = isNamed && isInWorkTree(dirname(real)) ? [{ ...IN_WORK_TREE, subject }] : [];
  if (isLedElsewhere(config) || isLedElsewhere(logins))
    return { refusal: { ...ELSEWHERE, subject }, notices: tracked };
  if (directory === undefined) return { notices: tracked };
  const refusal = checkDirectory(place, real, directory);
  const notices = [...checkModes(place, real, directory), ...tracked];
  if (refusal && real.startsWith(SHARED)) return { notices: [refusal, ...notices] };
  return { refusal, notices };
}

/** The same where nothing is written: what cannot be looked at counts as not exposed. */
export function tellExposure(place: Place): Exposure {
  try {
    return readExposure(place);
  } catch {
    return { notices: [] };
  }
}

const EVERYBODY_WRITES = 0o002;
const GROUP_WRITES = 0o020;
const OTHERS_MAY = 0o066;

const AS_THAT_USER = 'run registry-auth as that user, or set DOCKER_CONFIG to a directory of root';

const ELSEWHERE = {
  code: 'CONFIG_EXPOSED',
  what: "or the logins beside it are reached by another user's link to what is not theirs; left unchanged",
  fix: AS_THAT_USER,
} as const;

const OF_ANOTHER = {
  code: 'CONFIG_OF_ANOTHER',
  what: 'belongs to another user, who can read what root writes there',
  fix: 'run registry-auth as that user, or set HOME to a home of root',
} as const;

const IN_WORK_TREE = {
  code: 'CONFIG_IN_WORK_TREE',
  what: 'lies in a git work tree, so that git add would find what is written there',
  fix: 'add it to .gitignore, or set DOCKER_CONFIG to a directory outside',
} as const;

function exposed(subject: string, what: string, fix: string): Problem {
  return { code: 'CONFIG_EXPOSED', subject, what, fix };
}

function isForeign({ uid }: Place, directory: Stats): boolean {
  return uid === 0 && directory.uid !== 0;
}

function checkDirectory(place: Place, real: string, directory: Stats): Problem | undefined {
  const { shown } = place;
  if ((directory.mode & EVERYBODY_WRITES) !== 0) {
    const what = 'lies in a directory that everybody may write to; left unchanged';
    return exposed(shown, what, `run chmod go-w ${dirname(shown)}`);
  }
  const isOpen = (path: string) => (statSync(path).mode & EVERYBODY_WRITES) !== 0;
  if (!isForeign(place, directory) || !ancestorsOf(real).some(isOpen)) return undefined;
  const what = "is another user's, below a directory that everybody may write to; left unchanged";
  return exposed(shown, what, AS_THAT_USER);
}

function ancestorsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...ancestorsOf(parent)];
}

function checkModes(place: Place, real: string, directory: Stats): Notice[] {
  const { shown: subject } = place;
  const notices: Notice[] = [];
  const writable = 'lies in a directory that other users may write to';
  if ((directory.mode & (GROUP_WRITES | EVERYBODY_WRITES)) === GROUP_WRITES)
    notices.push(exposed(subject, writable, `run chmod go-w ${dirname(subject)}`));
  const file = statSync(real, { throwIfNoEntry: false });
  if (file && (file.mode & OTHERS_MAY) !== 0)
    notices.push(exposed(subject, 'is open to other users', `run chmod go-rwx ${subject}`));
  if (isForeign(place, directory)) notices.push({ ...OF_ANOTHER, subject });
  return notices;
}

/** Whether `git add` would find what is in the directory. */
function isInWorkTree(directory: string): boolean {
  return [directory, ...ancestorsOf(directory)].some((path) => existsSync(join(path, '.git')));
}
