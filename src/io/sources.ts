import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Problem } from '../domain/problem.ts';
import type { Source } from '../domain/triples/triple.ts';

/** Loaded when there is a file to read: most starts have none. */
const dotenv = (): typeof import('dotenv') => require('dotenv');

export type EnvFiles = {
  readonly sources: readonly Source[];
  readonly problems: readonly Problem[];
  /** Absolute paths of those that are there and cannot be read: not gone. */
  readonly unread: readonly string[];
};

/**
 * Reads env files, relative ones below `directory`. Their variables become sources of their own and
 * are never loaded into the process. A file that cannot be read is a problem and costs the others
 * nothing; one that does not exist is none where it `mayBeMissing`.
 */
export function readEnvFiles(
  files: readonly string[],
  directory: string,
  mayBeMissing = false,
): EnvFiles {
  const sources: Source[] = [];
  const problems: Problem[] = [];
  const unread: string[] = [];
  for (const name of files.filter((one) => one !== '')) {
    const file = resolve(directory, name);
    const read = readVariables(file);
    const isMissing = read.errno === 'ENOENT';
    if (read.variables) sources.push({ name, file, variables: read.variables });
    else {
      if (!(isMissing && mayBeMissing)) problems.push(unreadable(name, read.errno ?? ''));
      if (!isMissing) unread.push(file);
    }
  }
  return { sources, problems, unread };
}

/**
 * With the files that an earlier run was told of: one that was named once stays a source while it
 * is there, because a shell that does not name it must not take its entries for unwanted.
 */
export function withRemembered(named: EnvFiles, remembered: readonly string[]): EnvFiles {
  const known = new Set(named.sources.map(({ file }) => file));
  const others = remembered.filter((path) => !known.has(path) && !named.unread.includes(path));
  const read = readEnvFiles(others, '/', true);
  return {
    sources: [...named.sources, ...read.sources],
    problems: [...named.problems, ...read.problems],
    unread: [...named.unread, ...read.unread],
  };
}

function readVariables(path: string): { variables?: Source['variables']; errno?: string } {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) return { errno: stat.isDirectory() ? 'EISDIR' : 'ENXIO' };
    return { variables: dotenv().parse(readFileSync(path, 'utf8').replace(/^\ufeff/, '')) };
  } catch (error) {
    return { errno: (error as NodeJS.ErrnoException).code ?? '' };
  }
}

const ERRNO: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a directory',
  ENXIO: 'is no regular file',
  EACCES: 'is closed to this user',
};

function unreadable(file: string, errno: string): Problem {
  const what = `${ERRNO[errno] ?? `cannot be read (${errno})`}; none of its variables is used`;
  const fix = 'correct the path, or name the file no more (option envFiles, --env-file)';
  return { code: 'ENV_FILE_UNREADABLE', subject: file, what, fix };
}
