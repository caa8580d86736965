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
};

/**
 * Reads env files, relative ones below `directory`. Their variables become sources of their own and are never loaded into the process. A file
 * that cannot be read is a problem and costs the others nothing.
 */
export function readEnvFiles(files: readonly string[], directory: string): EnvFiles {
  const sources: Source[] = [];
  const paths: string[] = [];
  const problems: Problem[] = [];
  for (const file of files) {
    if (file === '') continue;
    const path = resolve(directory, file);
    try {
      const stat = statSync(path);
      if (!stat.isFile()) {
        throw Object.assign(new Error(), { code: stat.isDirectory() ? 'EISDIR' : 'ENXIO' });
      }
      const text = readFileSync(path, 'utf8').replace(/^\ufeff/, '');
      sources.push({ name: file, variables: dotenv().parse(text) });
      paths.push(path);
    } catch (error) {
      problems.push(unreadable(file, (error as NodeJS.ErrnoException).code ?? ''));
    }
  }
  return { sources, paths, problems };
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
