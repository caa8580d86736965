import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { readIfThere } from '../files/bounded-read.ts';

/** Loaded only in a work tree. */
const gitIndex = (): typeof import('./git-index.ts') => require('./git-index.ts');

/** Whether git tracks a file, whose path has no links; undefined outside work trees. */
export function readTracked(path: string): boolean | undefined {
  const root = readRoot(dirname(path));
  if (root === undefined) return undefined;
  const index = `${readGitDirectory(`${root}/.git`)}/index`;
  return gitIndex().isInIndex(index, relative(root, path));
}

function readRoot(folder: string): string | undefined {
  if (existsSync(`${folder}/.git`)) return folder;
  return folder === dirname(folder) ? undefined : readRoot(dirname(folder));
}

/** A submodule or linked work tree has a file that names the directory. */
function readGitDirectory(path: string): string {
  const named = /^gitdir: (.+)$/m.exec(readIfThere(path) ?? '')?.[1];
  return named === undefined ? path : resolve(dirname(path), named);
}
