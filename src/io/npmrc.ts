import { join } from 'node:path';
import type { Problem } from '../domain/problem.ts';
import { FileChangedError, findLeftovers, removeFile, writeAtomically } from './atomic-write.ts';
import { readBounded } from './bounded-read.ts';
import { findRealPath } from './real-path.ts';

/**
 * npm replaces `${…}` when it reads the file, so that the file holds no token and follows every new
 * one.
 */
const LINE = `//npm.pkg.github.com/:_authToken=\${GITHUB_TOKEN}`;
const ANY_LINE = /^[ \t]*\/\/npm\.pkg\.github\.com\/:_(?:authToken|auth|password)[ \t]*=/m;

export type NpmrcResult = { readonly changed: boolean; readonly problems: readonly Problem[] };

/**
 * Lets npm read GitHub's own registry with GITHUB_TOKEN. A line that is there for that registry is
 * left alone, and so is the rest of the file; one that is no text is not touched at all.
 */
export function addGithubNpm(home: string | undefined): NpmrcResult {
  if (!home) return { changed: false, problems: [] };
  try {
    return { changed: addLine(join(home, '.npmrc')), problems: [] };
  } catch (error) {
    return { changed: false, problems: [notWritable(error)] };
  }
}

function addLine(path: string): boolean {
  // Hooks run one after the other, so nobody is writing these; and they hold what the file holds.
  for (const left of findLeftovers([findRealPath(path)])) removeFile(left);
  const text = read(path);
  if (ANY_LINE.test(text)) return false;
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const start = text === '' || text.endsWith('\n') ? text : text + newline;
  const recheck = () => {
    if (read(path) !== text) throw new FileChangedError(path);
  };
  writeAtomically(path, start + LINE + newline, { recheck });
  return true;
}

function read(path: string): string {
  try {
    return readBounded(path).text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

function notWritable(error: unknown): Problem {
  const isBusy = error instanceof FileChangedError;
  const errno = isBusy ? 'it is being written by others' : (error as NodeJS.ErrnoException).code;
  const what = `cannot be changed (${errno}); left unchanged`;
  const fix = `add this line yourself: ${LINE}`;
  return { code: 'NPMRC_NOT_WRITABLE', subject: '~/.npmrc', what, fix };
}
