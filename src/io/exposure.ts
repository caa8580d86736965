import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Notice, Problem } from '../problem.ts';
import { isLedElsewhere, readNearest, readRealPath, SHARED } from './real-path.ts';
import { readTracked } from './work-tree.ts';

/** The files that secrets are written to, and who we are. */
type Place = {
  readonly config: string;
  readonly logins: string;
  readonly shown: string;
  readonly uid: number;
  /** Whether DOCKER_CONFIG named the directory. */
  readonly isNamed: boolean;
};

/** With a refusal nothing is written there. */
type Exposure = { readonly refusal?: Problem; readonly notices: readonly Notice[] };

/** Who else can read or change the configuration, and what a person can do about it. */
export function readExposure({ config, logins, isNamed, shown, uid }: Place): Exposure {
  const real = readRealPath(config);
  const tracked = tellWorkTree(config, real, isNamed).map((one) => ({ ...one, subject: shown }));
  if (isLedElsewhere(config) || isLedElsewhere(logins))
    return { refusal: exposed(shown, ELSEWHERE, AS_THAT_USER), notices: tracked };
  const folder = readNearest(dirname(real));
  const stat = statSync(folder);
  const file = statSync(real, { throwIfNoEntry: false });
  const isForeign = uid === 0 && stat.uid !== 0;
  const isOfGroup = (stat.mode & (GROUP_WRITES | EVERYBODY_WRITES)) === GROUP_WRITES;
  const isPlanted = isOfGroup && file !== undefined && ![0, uid, stat.uid].includes(file.uid);
  const refusal = isPlanted
    ? exposed(shown, PLANTED, `remove it, or run chown on it, and chmod go-w ${dirname(shown)}`)
    : checkFolders(shown, folder, { isForeign, isThere: folder === dirname(real) });
  const notices: Notice[] = refusal && real.startsWith(SHARED) ? [refusal] : [];
  if (isOfGroup && file) notices.push(exposed(shown, GROUP, `run chmod go-w ${dirname(shown)}`));
  if (((file?.mode ?? 0) & OTHERS_MAY) !== 0)
    notices.push(exposed(shown, 'is open to other users', `run chmod go-rwx ${shown}`));
  if (isForeign) notices.push({ ...OF_ANOTHER, subject: shown });
  notices.push(...tracked);
  return refusal && !real.startsWith(SHARED) ? { refusal, notices } : { notices };
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

const ELSEWHERE =
  "or the logins beside it are reached by another user's link to what is not theirs; left unchanged";
const EVERYBODY = 'lies in a directory that everybody may write to; left unchanged';
const MADE = 'would be in a new directory below one that everybody may write to; left unchanged';
const BELOW = "is another user's, below a directory that everybody may write to; left unchanged";
const PLANTED =
  'belongs to neither you nor the owner of its directory, as if another user had put it there; left unchanged';
const GROUP = 'lies in a directory that other users may write to';

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

const TRACKED = {
  code: 'CONFIG_IN_WORK_TREE',
  what: 'is tracked by git, so that git commit would take what is written there along',
  fix: 'run git rm --cached on it and add it to .gitignore, or set DOCKER_CONFIG to a directory outside',
} as const;

/** A home that is a work tree itself, as some keep their dotfiles, is told of what git tracks. */
function tellWorkTree(config: string, real: string, isNamed: boolean) {
  const isTracked = readTracked(real);
  if (isTracked === undefined) return [];
  const isLed = () => real !== join(readRealPath(dirname(dirname(config))), '.docker/config.json');
  return isTracked ? [TRACKED] : isNamed || isLed() ? [IN_WORK_TREE] : [];
}

function exposed(subject: string, what: string, fix: string): Problem {
  return { code: 'CONFIG_EXPOSED', subject, what, fix };
}

function checkFolders(
  shown: string,
  folder: string,
  { isForeign, isThere }: { readonly isForeign: boolean; readonly isThere: boolean },
): Problem | undefined {
  const isOpen = (path: string) => (statSync(path).mode & EVERYBODY_WRITES) !== 0;
  const own = dirname(shown);
  if (isOpen(folder))
    return isThere
      ? exposed(shown, EVERYBODY, `run chmod go-w ${own}`)
      : exposed(shown, MADE, `make it yourself: mkdir -m 700 ${own}`);
  const isBelow = isForeign && ancestorsOf(folder).some(isOpen);
  return isBelow ? exposed(shown, BELOW, AS_THAT_USER) : undefined;
}

function ancestorsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [] : [parent, ...ancestorsOf(parent)];
}
