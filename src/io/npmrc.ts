import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Problem } from '../domain/problem.ts';
import { FileChangedError, writeAtomically } from './atomic-write.ts';

/**
 * npm replaces `${…}` when it reads the file, so that the file holds no token and follows every new
 * one.
 */
const LINE = `//npm.pkg.github.com/:_authToken=\${GITHUB_TOKEN}`;
const ANY_LINE = /^\s*\/\/npm\.pkg\.github\.com\/:_(?:authToken|auth|password)\s*=/m;

export type NpmrcResult = { readonly changed: boolean; readonly problems: readonly Problem[] };

/**
 * Lets npm read GitHub's own registry with GITHUB_TOKEN. A line that is there for that registry is
 * left alone, and so is the rest of the file.
 */
export function addGithubNpm(home: string | undefined): NpmrcResult {
  if (!home) return { changed: false, problems: [] };
  const path = join(home, '.npmrc');
  try {
    const text = read(path);
    if (ANY_LINE.test(text)) return { changed: false, problems: [] };
    const newline = text.includes('\r\n') ? '\r\n' : '\n';
    const start = text === '' || text.endsWith('\n') ? text : text + newline;
    const recheck = () => {
      if (read(path) !== text) throw new FileChangedError(path);
    };
    writeAtomically(path, start + LINE + newline, recheck);
    return { changed: true, problems: [] };
  } catch (error) {
    const errno =
      error instanceof FileChangedError
        ? 'it is being written by others'
        : (error as NodeJS.ErrnoException).code;
    const what = `cannot be changed (${errno}); left unchanged`;
    const fix = `add this line yourself: ${LINE}`;
    const problem = { code: 'NPMRC_NOT_WRITABLE', subject: '~/.npmrc', what, fix } as const;
    return { changed: false, problems: [problem] };
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
