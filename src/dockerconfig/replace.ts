import {
  closeSync,
  existsSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  type Stats,
} from 'node:fs';
import { join } from 'node:path';
import { giveTo, isErrno, syncDirectory, writeAll } from '../io/descriptor.ts';
import { DESCRIPTORS } from '../io/real-path.ts';

/** A lock of ours: the directory of the file and the lock itself, both open, and their paths. */
export type Held = {
  readonly file: string;
  readonly directory: number;
  readonly lock: string;
  readonly opened: number;
  /** Whose files keep their owner and mode, beside those of root; without one everybody's. */
  readonly uid?: number | undefined;
};

/** Another process took our lock for a dead one's, and removed it with what was written in it. */
export class LockLostError extends Error {}

export function orLost<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw isErrno(error, 'ENOENT') ? new LockLostError() : error;
  }
}

/** A directory by its descriptor, where the system can: no link can lead us elsewhere then. */
export function nameOf(descriptor: number, path: string): string {
  const name = DESCRIPTORS + descriptor;
  return existsSync(name) ? name : path;
}

/** Writes the new file inside the lock, and renames it over the old one: see `Replace`. */
export function replace(held: Held, text: string | null, isStill = () => true): boolean {
  const { file, directory, lock, opened } = held;
  // A name of its own, also where two have opened one lock. What stays goes with the lock.
  const temp = join(nameOf(opened, lock), Math.random().toString(36).slice(2));
  const old = lstatSync(file, { throwIfNoEntry: false });
  const kept = old && isOwn(old, held) ? old : undefined;
  if (text !== null) orLost(() => writeNew(temp, text, kept));
  if (!isStill()) return false;
  if (text === null && !lstatSync(file, { throwIfNoEntry: false })) return true;
  // A removal goes through the lock too, so that a process that lost it removes nothing.
  orLost(() => (text === null ? renameSync(file, temp) : renameSync(temp, file)));
  syncDirectory(directory);
  return true;
}

/**
 * Whether an old file's owner and mode are the user's own choice: another user, who may write to the
 * directory, may have put any file there, also one of the user's that all may read.
 */
function isOwn({ uid: owner }: Stats, { directory, uid }: Held): boolean {
  if (uid === undefined) return true;
  return [0, uid].includes(owner) && (fstatSync(directory).mode & OTHERS_WRITE) === 0;
}

const OTHERS_WRITE = 0o022;

/** Owner and mode are set on the descriptor: the path may be another user's file by then. */
function writeNew(path: string, text: string, old: Stats | undefined): void {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    writeAll(descriptor, text);
    const { uid, gid } = fstatSync(descriptor);
    if (old && (old.uid !== uid || old.gid !== gid)) giveTo(descriptor, old);
    fchmodSync(descriptor, old ? old.mode & 0o777 : 0o600);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
