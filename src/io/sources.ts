import { realpathSync, type Stats } from 'node:fs';
import { isAbsolute, join, normalize, resolve } from 'node:path';
import type { Notice, Problem } from '../domain/problem.ts';
import type { Source } from '../domain/triples/triple.ts';
import { readBounded } from './bounded-read.ts';

/** Loaded when there is a file to read: most starts have none. */
const dotenv = (): typeof import('dotenv') => require('dotenv');

export type EnvFiles = {
  readonly sources: Source[];
  readonly problems: Problem[];
  readonly notices: Notice[];
  /** Those that are there and cannot be read, as records name them: not gone. */
  readonly unread: string[];
  /** Those that other users could change, or that are gone: not to be remembered. */
  readonly unfit: string[];
};

/**
 * Where relative names begin; in a workspace no link may lead out of it, which a repository could.
 */
export type Base = { readonly directory: string; readonly isWorkspace?: boolean };

/** For all env files of one run together: everything read from outside has a bound. */
const MAX_VARIABLES = 1_000;

/**
 * Reads the env files that this run names, then those that records name: a file that was named once
 * stays a source while it is there. Their variables become sources of their own and are never
 * loaded into the process. A file that cannot be read is a problem and costs the others nothing.
 * One that other users than `uid` and root could change is used only if this run names it.
 */
export function readEnvFiles(
  names: readonly string[],
  base: Base,
  uid: number,
  remembered: readonly string[] = [],
): EnvFiles {
  const found: EnvFiles = { sources: [], problems: [], notices: [], unread: [], unfit: [] };
  for (const name of names.filter((one) => one !== ''))
    add(found, readOne(name, base, roomIn(found)), uid, true);
  const known = [...found.sources.map(({ file }) => file), ...found.unread];
  for (const file of remembered.filter((one) => !known.includes(one)))
    add(found, readAgain(file, roomIn(found)), uid, false);
  return found;
}

function roomIn({ sources }: EnvFiles): number {
  return MAX_VARIABLES - sources.reduce((count, source) => count + countVariables(source), 0);
}

function countVariables({ variables }: Source): number {
  return Object.keys(variables).length;
}

function add(found: EnvFiles, read: EnvFile, uid: number, isNamed: boolean): void {
  const { name, file, source, errno = '' } = read;
  if (source && isTrusted(read, uid)) {
    found.sources.push(source);
  } else if (source) {
    if (isNamed) found.sources.push(source);
    found.notices.push(exposed(name, isNamed));
    found.unfit.push(file);
  } else if (errno === 'ENOENT' || errno === 'EXDEV') {
    if (isNamed) found.problems.push(unreadable(name, errno));
    else found.unfit.push(file);
  } else {
    found.problems.push(unreadable(name, errno));
    found.unread.push(file);
  }
}

type EnvFile = {
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
function readOne(name: string, { directory, isWorkspace }: Base, room: number): EnvFile {
  const path = resolve(directory, name);
  const isBound = isWorkspace === true && !isAbsolute(name);
  const file = isBound ? resolve(directory) + INSIDE + normalize(name) : path;
  try {
    if (isBound && leadsOut(path, directory)) return { name, file, errno: 'EXDEV' };
    const { text, stat } = readBounded(path);
    const variables = dotenv().parse(text.replace(/^\ufeff/, ''), { fast: true });
    const source = { name, file: isBound ? file : realpathSync(path), variables };
    if (countVariables(source) > room) return { name, file, errno: 'FULL' };
    return { name, file: source.file, stat, source };
  } catch (error) {
    return { name, file, errno: (error as NodeJS.ErrnoException).code ?? '' };
  }
}

function readAgain(file: string, room: number): EnvFile {
  const [directory = '', inside] = file.split(INSIDE, 2);
  const base = inside === undefined ? { directory: '/' } : { directory, isWorkspace: true };
  const one = readOne(inside ?? file, base, room);
  const name = file.replace(INSIDE, '/');
  return { ...one, name, file, ...(one.source ? { source: { ...one.source, name } } : {}) };
}

function leadsOut(file: string, directory: string): boolean {
  return !realpathSync(file).startsWith(join(realpathSync(directory), '/'));
}

function isTrusted({ stat }: EnvFile, uid: number): boolean {
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

function exposed(subject: string, isNamed: boolean): Notice {
  const what = isNamed
    ? 'can be changed by other users, so it is read only when it is named, never by itself'
    : 'can be changed by other users since it was named; not read, and forgotten';
  const fix =
    'make it yours and writable by nobody else (chmod go-w), then run registry-auth apply';
  return { code: 'ENV_FILE_EXPOSED', subject, what, fix };
}
