import { accessSync, constants, lstatSync, type Stats, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { readIfThere } from './bounded-read.ts';
import type { Place } from './owner.ts';
import { readNearest, readRealPath, readTarget } from './real-path.ts';

/**
 * The error that writing a file would end with, found by looking alone: nothing is tried, so that
 * commands which write nothing can tell it, too. A quota cannot be seen. A bundle of its own.
 */
export function readErrno(
  path: string,
  user: Pick<Place, 'uid' | 'isForeign'>,
): string | undefined {
  try {
    return look(readTarget(path), user);
  } catch {
    return undefined;
  }
}

function look(path: string, { uid, isForeign }: Pick<Place, 'uid' | 'isForeign'>) {
  const file = lstatSync(path, { throwIfNoEntry: false });
  const folder = readNearest(dirname(path));
  const stat = statSync(folder);
  if (isMountPoint(readRealPath(path))) return 'EBUSY';
  // The system answers for the user who started us, which is root even where it acts as another.
  const needed = stat.uid === uid ? 0o300 : 0o003;
  const isClosed = isForeign && (stat.mode & needed) !== needed;
  const denied = isClosed ? 'EACCES' : readDenied(folder, constants.W_OK | constants.X_OK);
  if (denied || !file) return denied ?? readFull(folder, 0);
  // Of a file without rights another takes the place; of an immutable one none.
  if (readDenied(path, constants.W_OK) === 'EPERM' || isHeld(file, stat, uid)) return 'EPERM';
  return readFull(folder, file.size);
}

/** Not by its device: on overlay file systems a file may have another than its directory. */
function isMountPoint(path: string): boolean {
  const mounts = readIfThere('/proc/self/mountinfo')?.split('\n') ?? [];
  const toEscape = (one: string) => `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`;
  const name = path.replace(/[ \t\n\\]/g, toEscape);
  return mounts.some((line) => line.split(' ')[4] === name);
}

function readDenied(path: string, mode: number): string | undefined {
  try {
    accessSync(path, mode);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

const STICKY = 0o1000;

/** Whether only another user may take the file out of its directory. */
function isHeld(file: Stats, folder: Stats, uid: number): boolean {
  return (folder.mode & STICKY) !== 0 && uid !== 0 && ![file.uid, folder.uid].includes(uid);
}

/** The least that a new file takes. */
const BLOCK = 4096;

function readFull(folder: string, size: number): string | undefined {
  const { bavail, bsize, blocks, files, ffree } = statfsSync(folder);
  const isFull = blocks > 0 && bavail * bsize < size + BLOCK;
  return isFull || (files > 0 && ffree === 0) ? 'ENOSPC' : undefined;
}
