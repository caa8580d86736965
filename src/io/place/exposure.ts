import { dirname, join } from 'node:path';
import type { Notice, Problem } from '../../problem.ts';
import { isErrno } from '../files/descriptor.ts';
import { readRealPath } from '../files/real-path.ts';
import { configError, fileError } from './config-error.ts';
import { checkDockerConfig } from './docker-config.ts';
import type { Place } from './owner.ts';

export { fileError } from './config-error.ts';

/** Notices about a place, and whether we trust our record there. */
export type Judgement = { readonly notices: readonly Notice[]; readonly isBelieved: boolean };

export type Facts = Pick<Place, 'isForeign'> & {
  /** Paths of config.json: to open, as named, and as messages show it. */
  readonly config: string;
  readonly named: string;
  readonly shown: string;
  /** Zero if there is no file. */
  readonly modes: Readonly<Record<'folder' | 'config' | 'logins', number>>;
  /** Whether git tracks the files; undefined outside of work trees. */
  readonly isTracked: boolean | undefined;
  readonly areLoginsTracked: boolean | undefined;
};

/** What is unusual about a place. A bundle of its own: rarely needed. */
export function judge(facts: Facts): Judgement {
  const { shown, modes, isTracked, areLoginsTracked } = facts;
  const notices: Notice[] = [];
  if ((modes.folder & GROUP_WRITES) !== 0)
    notices.push(exposed(shown, GROUP, `run chmod go-w ${dirname(shown)}`));
  if ((modes.config & OTHERS_MAY) !== 0)
    notices.push(exposed(shown, 'is open to other users', `run chmod go-rwx ${shown}`));
  if (facts.isForeign) notices.push({ ...OF_ANOTHER, subject: shown });
  const inTree = readWorkTree(facts);
  if (inTree) notices.push({ ...inTree, subject: shown });
  const isOpen = ((modes.config | modes.logins) & EVERYBODY_WRITES) !== 0;
  const areLoginsBrought = areLoginsTracked !== undefined && areLoginsTracked !== isTracked;
  return { notices, isBelieved: !isOpen && !inTree && !areLoginsBrought };
}

const EVERYBODY_WRITES = 0o002;
const GROUP_WRITES = 0o020;
const OTHERS_MAY = 0o066;

const AS_THAT_USER = 'run registry-auth as that user, or set DOCKER_CONFIG to a directory of root';
const EVERYBODY = 'is in a directory that everyone can write to; left unchanged';
const MADE = 'would be in a new directory below one that everyone can write to; left unchanged';
const BELOW =
  'belongs to another user, below a directory that everyone can write to; left unchanged';
const GROUP = 'is in a directory that other users can write to';

const OF_ANOTHER = {
  code: 'CONFIG_OF_ANOTHER',
  what: 'belongs to another user, who can read what root writes there',
  fix: "run registry-auth as that user, or set HOME to root's home directory",
} as const;

const IN_WORK_TREE = {
  code: 'CONFIG_IN_WORK_TREE',
  what: 'is in a git work tree, so git add would include what is written there',
  fix: 'add it to .gitignore, or set DOCKER_CONFIG to a directory outside',
} as const;

const TRACKED = {
  code: 'CONFIG_IN_WORK_TREE',
  what: 'is tracked by git, so git commit would include what is written there',
  fix: 'run git rm --cached on it and add it to .gitignore, or set DOCKER_CONFIG to a directory outside',
} as const;

function exposed(subject: string, what: string, fix: string): Problem {
  return { code: 'CONFIG_EXPOSED', subject, what, fix };
}

export function tooOpen(shown: string, isThere: boolean): Error {
  const own = dirname(shown);
  return configError(
    isThere
      ? exposed(shown, EVERYBODY, `run chmod go-w ${own}`)
      : exposed(shown, MADE, `make it yourself: mkdir -m 700 ${own}`),
  );
}

/** A path that leads nowhere. */
const NO_WAY = ['ELOOP', 'ENAMETOOLONG', 'ENOTDIR'];

/** Why root cannot act as the owner: it may lack the right, or /proc for its descriptors. */
export function ofAnother(subject: string, error: unknown): Error {
  if (isErrno(error, 'EXPOSED')) return configError(exposed(subject, BELOW, AS_THAT_USER));
  if (NO_WAY.some((code) => isErrno(error, code)))
    return fileError('CONFIG_NOT_READABLE', error, subject);
  const what = 'belongs to another user, and root cannot act as that user here; left unchanged';
  return configError({ code: 'CONFIG_OF_ANOTHER', subject, what, fix: AS_THAT_USER });
}

export function homeError(home: string | undefined): Error {
  const what = home
    ? 'names a directory that does not exist'
    : 'not set, so there is no place for ~/.docker/config.json';
  const fix = 'set HOME to your home directory, or DOCKER_CONFIG to the directory of config.json';
  return configError({ code: 'HOME_MISSING', subject: 'HOME', what, fix });
}

/** Throws for an invalid value. */
export function checkNamed(value: string, home: string | undefined): void {
  const invalid = checkDockerConfig(value, home || undefined);
  if (invalid) throw configError(invalid);
}

/** In a home that is a work tree itself, as for dotfiles, we report only what git tracks. */
function readWorkTree({ config, named, shown, isTracked }: Facts) {
  if (isTracked === undefined) return undefined;
  if (isTracked) return TRACKED;
  const home = dirname(dirname(named));
  const isLed = () => readRealPath(config) !== join(readRealPath(home), '.docker/config.json');
  return shown !== '~/.docker/config.json' || isLed() ? IN_WORK_TREE : undefined;
}
