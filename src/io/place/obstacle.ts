import { accessSync, constants, lstatSync, type Stats, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { attempt } from '../../attempt.ts';
import type { Problem } from '../../problem.ts';
import { readIfThere } from '../files/bounded-read.ts';
import { readNearest, readRealPath, readTarget } from '../files/real-path.ts';
import type { ConfigDir } from './config-dir.ts';
import { fileError } from './config-error.ts';
import type { Place } from './owner.ts';

/** Why config.json cannot be written, found without writing. Cannot detect a quota. */
export function readObstacle(dir: ConfigDir): Problem | undefined {
  const code = dir.as(() => attempt(() => look(readTarget(dir.config), dir)));
  return code ? fileError('CONFIG_NOT_WRITABLE', { code }, dir.shown).problem : undefined;
}

function look(path: string, { uid, isForeign }: Pick<Place, 'uid' | 'isForeign'>) {
  const file = lstatSync(path, { throwIfNoEntry: false });
  const { path: folder, stat } = readNearest(dirname(path));
  if (isMountPoint(readRealPath(path))) return 'EBUSY';
  // access(2) checks the user who started us: root, even if root acts as another user.
  const needed = stat.uid === uid ? 0o300 : 0o003;
  const isClosed = isForeign && (stat.mode & needed) !== needed;
  const denied = isClosed ? 'EACCES' : readDenied(folder, constants.W_OK | constants.X_OK);
  if (denied || !file) return denied ?? readFull(folder, 0);
  // We can replace a file that we may not write, but not an immutable one.
  if (readDenied(path, constants.W_OK) === 'EPERM' || isHeld(file, stat, uid)) return 'EPERM';
  return readFull(folder, file.size);
}

/** Not by device number: on overlayfs a file's may differ from its directory's. */
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

/** Whether the sticky bit lets only another user remove it. */
function isHeld(file: Stats, folder: Stats, uid: number): boolean {
  return (folder.mode & STICKY) !== 0 && uid !== 0 && ![file.uid, folder.uid].includes(uid);
}

/** A new file needs at least this. */
const BLOCK = 4096;

function readFull(folder: string, size: number): string | undefined {
  const { bavail, bsize, blocks, files, ffree } = statfsSync(folder);
  const isFull = blocks > 0 && bavail * bsize < size + BLOCK;
  return isFull || (files > 0 && ffree === 0) ? 'ENOSPC' : undefined;
}
