import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Problem } from '../domain/problem.ts';
import type { Source } from '../domain/triple.ts';

/** Loaded when there is a file to read: most starts have none. */
const dotenv = (): typeof import('dotenv') => require('dotenv');

export type EnvFiles = {
  readonly sources: readonly Source[];
  readonly paths: readonly string[];
  readonly problems: readonly Problem[];
  /** Those that are there and cannot be read: not gone. */
  readonly unread: readonly string[];
};

/**
 * Reads env files, relative ones below `directory`. Their variables become sources of their own and are never loaded into the process. A file
 * that cannot be read is a problem and costs the others nothing; one that does not exist is none where it `mayBeMissing`.
 */
export function readEnvFiles(
  files: readonly string[],
  directory: string,
  mayBeMissing = false,
): EnvFiles {
  const sources: Source[] = [];
  const paths: string[] = [];
  const problems: Problem[] = [];
  const unread: string[] = [];
  for (const file of files.filter((name) => name !== '')) {
    const path = resolve(directory, file);
    const read = readVariables(path);
    const isMissing = read.errno === 'ENOENT';
    if (read.variables) {
      sources.push({ name: file, variables: read.variables });
      paths.push(path);
    } else {
      if (!(isMissing && mayBeMissing)) problems.push(unreadable(file, read.errno ?? ''));
      if (!isMissing) unread.push(path);
    }
  }
  return { sources, paths, problems, unread };
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
  return {
    code: 'ENV_FILE_UNREADABLE',
    subject: file,
    what: `${ERRNO[errno] ?? `cannot be read (${errno})`}; none of its variables is used`,
    fix: 'correct the path, or name the file no more (option envFiles, --env-file)',
  };
}
