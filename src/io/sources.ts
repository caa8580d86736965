import { realpathSync, type Stats } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { Notice, Problem } from '../domain/problem.ts';
import type { Source } from '../domain/triples/triple.ts';
import { readBounded } from './bounded-read.ts';

/** Loaded when there is a file to read: most starts have none. */
const dotenv = (): typeof import('dotenv') => require('dotenv');

export type EnvFiles = {
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
  readonly notices: readonly Notice[];
  /** Absolute paths of those that are there and cannot be read: not gone. */
  readonly unread: readonly string[];
  /**
   * Absolute paths of those that somebody else could change, or that are gone: not to be
   * remembered.
   */
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
  return readInOrder(given, base, judge, NONE);

  function judge(one: One): EnvFiles {
    const { name, file, source, errno = '' } = one;
    if (source && isTrusted(one, trust)) return { ...NONE, sources: [source] };
    if (source) return { ...NONE, sources: [source], notices: [exposed(name)], unfit: [file] };
    // One that is there may be read another time; what leads astray never is.
    const unread = ['ENOENT', 'EXDEV'].includes(errno) ? [] : [file];
    return { ...NONE, problems: [unreadable(name, errno)], unread };
  }
}

/**
 * Reads the env files that an earlier run was told of, by their absolute paths, after those that
 * are named in this run: one that was named once stays a source while it is there. One that is gone
 * is forgotten, and one that somebody else could have changed is not read.
 */
export function readRemembered(paths: readonly string[], trust: Trust, named = NONE): EnvFiles {
  return readInOrder(paths, { directory: '/' }, judge, named);

  function judge(one: One): EnvFiles {
    const { name, file, source, errno = '' } = one;
    if (source && isTrusted(one, trust)) return { ...NONE, sources: [source] };
    if (source) return { ...NONE, notices: [notRead(name)], unfit: [file] };
    if (errno === 'ENOENT') return { ...NONE, unfit: [file] };
    return { ...NONE, problems: [unreadable(name, errno)], unread: [file] };
  }
}

/** With the remembered files that were not named this time. */
export function withRemembered(named: EnvFiles, paths: readonly string[], trust: Trust): EnvFiles {
  const known = [...named.sources.map(({ file }) => file), ...named.unread];
  const others = paths.filter((path) => !known.includes(path));
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
  names: readonly string[],
  base: Base,
  judge: (one: One) => EnvFiles,
  before: EnvFiles,
): EnvFiles {
  const all = [before];
  let room = MAX_VARIABLES - countVariables(before.sources);
  for (const name of names) {
    const one = judge({ name, ...readOne(name, base, room) });
    room -= countVariables(one.sources);
    all.push(one);
  }
  return collect(all);
}

function countVariables(sources: readonly Source[]): number {
  return sources.flatMap(({ variables }) => Object.keys(variables)).length;
}

type One = ReturnType<typeof readOne> & { readonly name: string };

function readOne(
  name: string,
  { directory, isWorkspace = false }: Base,
  room: number,
): { file: string; source?: Source; stat?: Stats; errno?: string } {
  const file = resolve(directory, name);
  try {
    if (isWorkspace && !isAbsolute(name) && leadsOut(file, directory))
      return { file, errno: 'EXDEV' };
    const { text, stat } = readBounded(file);
    const variables = dotenv().parse(text.replace(/^\ufeff/, ''), { fast: true });
    const source = { name, file: realpathSync(file), variables };
    return countVariables([source]) > room ? { file, errno: 'FULL' } : { file, stat, source };
  } catch (error) {
    return { file, errno: (error as NodeJS.ErrnoException).code ?? '' };
  }
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
