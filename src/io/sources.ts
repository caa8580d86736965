import { realpathSync, type Stats } from 'node:fs';
import { isAbsolute, join, normalize, resolve } from 'node:path';
import type { Notice, Problem } from '../domain/problem.ts';
import type { Source } from '../domain/triples/triple.ts';
import { readBounded } from './bounded-read.ts';

/** Loaded when there is a file to read: most starts have none. */
const dotenv = (): typeof import('dotenv') => require('dotenv');

export type EnvFiles = {
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
  /** Those that are there and cannot be read, as records name them: not gone. */
  readonly unread: readonly string[];
  /** Those that other users could change, or that are gone: not to be remembered. */
  readonly unfit: readonly string[];
};

/** Whose files may be believed later, when nobody names them: this user's and root's. */
export type Trust = { readonly uid: number };

/**
 * Where relative names begin; in a workspace no link may lead out of it, which a repository could.
 */
export type Base = { readonly directory: string; readonly isWorkspace?: boolean };

/**
 * Reads env files. Their variables become sources of their own and are never loaded into the
 * process. A file that cannot be read is a problem and costs the others nothing; one that somebody
 * else could change is used, because it was named, and said.
 */
export function readEnvFiles(names: readonly string[], base: Base, trust: Trust): EnvFiles {
  const given = names.filter((name) => name !== '');
  return readInOrder(given, (name, room) => readOne(name, base, room), judge, NONE);

  function judge(one: One): EnvFiles {
    const { name, file, source, errno = '' } = one;
    if (source && isTrusted(one, trust)) return { ...NONE, sources: [source] };
    const unfit = [source?.file ?? file];
    if (source) return { ...NONE, sources: [source], notices: [exposed(name)], unfit };
    // One that is there may be read another time; what leads astray never is.
    const unread = ['ENOENT', 'EXDEV'].includes(errno) ? [] : [file];
    return { ...NONE, problems: [unreadable(name, errno)], unread };
  }
}

/**
 * Reads the env files that records name, after those that are named in this run: one that was named
 * once stays a source while it is there. One that is gone is forgotten, and one that other users
 * could have changed is not read.
 */
export function readRemembered(files: readonly string[], trust: Trust, named = NONE): EnvFiles {
  return readInOrder(files, readAgain, judge, named);

  function judge(one: One): EnvFiles {
    const { name, file, source, errno = '' } = one;
    if (source && isTrusted(one, trust)) return { ...NONE, sources: [source] };
    if (source) return { ...NONE, notices: [notRead(name)], unfit: [file] };
    if (errno === 'ENOENT' || errno === 'EXDEV') return { ...NONE, unfit: [file] };
    return { ...NONE, problems: [unreadable(name, errno)], unread: [file] };
  }
}

/** With the remembered files that were not named this time. */
export function withRemembered(named: EnvFiles, files: readonly string[], trust: Trust): EnvFiles {
  const known = [...named.sources.map(({ file }) => file), ...named.unread];
  const others = files.filter((file) => !known.includes(file));
  return readRemembered(others, trust, named);
}

const NONE: EnvFiles = { sources: [], problems: [], notices: [], unread: [], unfit: [] };

function collect(all: readonly EnvFiles[]): EnvFiles {
  return {
    sources: all.flatMap(({ sources }) => sources),
    problems: all.flatMap(({ problems }) => problems),
    notices: all.flatMap(({ notices }) => notices),
    unread: all.flatMap(({ unread }) => unread),
    unfit: all.flatMap(({ unfit }) => unfit),
  };
}

/** For all env files of one run together: everything read from outside has a bound. */
const MAX_VARIABLES = 1_000;

/** A file that would go over the bound is not used, and those after it still can be. */
function readInOrder(
  files: readonly string[],
  read: (file: string, room: number) => One,
  judge: (one: One) => EnvFiles,
  before: EnvFiles,
): EnvFiles {
  const all = [before];
  let room = MAX_VARIABLES - countVariables(before.sources);
  for (const file of files) {
    const one = judge(read(file, room));
    room -= countVariables(one.sources);
    all.push(one);
  }
  return collect(all);
}

function countVariables(sources: readonly Source[]): number {
  return sources.flatMap(({ variables }) => Object.keys(variables)).length;
}

type One = {
  /** As shown. */
  readonly name: string;
  /** As a record names it. */
  readonly file: string;
  readonly source?: Source;
  readonly stat?: Stats;
  readonly errno?: string;
};

/** Between a workspace and a name in it, in a record; a path has it nowhere else. */
const INSIDE = '//';

/** A relative name in a workspace is remembered as one, so that it stays inside ever after. */
function readOne(name: string, { directory, isWorkspace }: Base, room: number): One {
  const path = resolve(directory, name);
  const isBound = isWorkspace === true && !isAbsolute(name);
  const file = isBound ? resolve(directory) + INSIDE + normalize(name) : path;
  try {
    if (isBound && leadsOut(path, directory)) return { name, file, errno: 'EXDEV' };
    const { text, stat } = readBounded(path);
    const variables = dotenv().parse(text.replace(/^\ufeff/, ''), { fast: true });
    const source = { name, file: isBound ? file : realpathSync(path), variables };
    if (countVariables([source]) > room) return { name, file, errno: 'FULL' };
    return { name, file, stat, source };
  } catch (error) {
    return { name, file, errno: (error as NodeJS.ErrnoException).code ?? '' };
  }
}

function readAgain(file: string, room: number): One {
  const [directory = '', inside] = file.split(INSIDE, 2);
  const base = inside === undefined ? { directory: '/' } : { directory, isWorkspace: true };
  const one = readOne(inside ?? file, base, room);
  const name = file.replace(INSIDE, '/');
  return { ...one, name, ...(one.source ? { source: { ...one.source, name } } : {}) };
}

function leadsOut(file: string, directory: string): boolean {
  return !realpathSync(file).startsWith(join(realpathSync(directory), '/'));
}

function isTrusted({ stat }: One, { uid }: Trust): boolean {
  return stat !== undefined && [0, uid].includes(stat.uid) && (stat.mode & 0o022) === 0;
}

const ERRNO: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a directory',
  ENXIO: 'is no regular file',
  EACCES: 'is closed to this user',
  EFBIG: 'is larger than 1 MiB',
  FULL: 'has more than 1,000 variables together with the files before it',
  EILSEQ: 'is not UTF-8 text',
  EXDEV: 'leads out of the workspace',
};

function unreadable(subject: string, errno: string): Problem {
  const what = `${ERRNO[errno] ?? `cannot be read (${errno})`}; none of its variables is used`;
  const fix =
    errno === 'FULL'
      ? 'keep registries in a file of their own'
      : 'correct the path, or name the file no more (option envFiles, --env-file)';
  return { code: 'ENV_FILE_UNREADABLE', subject, what, fix };
}

const FIX = 'make it yours and writable by nobody else (chmod go-w), then run registry-auth apply';

function exposed(subject: string): Notice {
  const what =
    'can be changed by other users, so it is read only when it is named, never by itself';
  return { code: 'ENV_FILE_EXPOSED', subject, what, fix: FIX };
}

function notRead(subject: string): Notice {
  const what = 'can be changed by other users since it was named; not read, and forgotten';
  return { code: 'ENV_FILE_EXPOSED', subject, what, fix: FIX };
}
