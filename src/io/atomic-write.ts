import {
  chownSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** Thrown when the file is not the one any more that the new text was made from. */
export class FileChangedError extends Error {}

/** More links than this in a row are a loop, as in Linux's own limit (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * The file behind a path, through links of the file and of its directories, also where they lead to
 * nothing yet.
 */
export function findRealPath(path: string): string {
  let current = path;
  for (let links = 0; links < MAX_LINKS; links += 1) {
    const stat = lstatSync(current, { throwIfNoEntry: false });
    if (!stat?.isSymbolicLink())
      return stat
        ? realpathSync(current)
        : join(findRealDirectory(dirname(current)), basename(current));
    current = resolve(findRealDirectory(dirname(current)), readlinkSync(current));
  }
  throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
}

function findRealDirectory(path: string): string {
  return path === dirname(path) ? path : findRealPath(path);
}

/**
 * Replaces a file's content in one step, or throws and leaves it as it was: temp file in the same
 * directory, fsync, rename, fsync of the directory. Links are followed; mode and owner stay; a new
 * file is 0600. `recheck` is called right before the rename, and throws FileChangedError when the
 * file is no longer what was read.
 */
export function writeAtomically(path: string, text: string, recheck?: () => void): void {
  const target = findRealPath(path);
  const before = statSync(target, { throwIfNoEntry: false });
  const temp = join(dirname(target), `.${basename(target)}.${uniqueWord()}.tmp`);
  try {
    writeTemp(temp, text, before);
    recheck?.();
    renameSync(temp, target);
  } catch (error) {
    removeFile(temp);
    throw error;
  }
  syncDirectory(dirname(target));
}

/** Unguessable it need not be, only new: the file is opened with `wx`. */
function uniqueWord(): string {
  return Math.random().toString(36).slice(2);
}

function writeTemp(temp: string, text: string, before: Stats | undefined): void {
  const descriptor = openSync(temp, 'wx', 0o600);
  try {
    writeFileSync(descriptor, text);
    if (before) {
      keepOwner(temp, before);
      fchmodSync(descriptor, before.mode & 0o7777);
    }
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Only root may give a file away; for anybody else it is theirs already or stays with the one who
 * writes, as with docker.
 */
function keepOwner(temp: string, before: Stats): void {
  try {
    chownSync(temp, before.uid, before.gid);
  } catch {
    // Not ours to give.
  }
}

/** Makes a directory for secrets, with what leads to it. */
export function makeDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** Removes a file if it is there. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Was never made, or is gone.
  }
}

function syncDirectory(path: string): void {
  try {
    const descriptor = openSync(path, 'r');
    fsyncSync(descriptor);
    closeSync(descriptor);
  } catch {
    // Some file systems cannot sync a directory; the rename is done.
  }
}
