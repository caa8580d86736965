import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import {
  closeAfter,
  giveTo,
  isErrno,
  openDirectory,
  syncDirectory,
  writeAll,
} from '../io/descriptor.ts';
import { DESCRIPTORS, readTarget } from '../io/real-path.ts';

/** Another process held the lock all the time, or what is in its place cannot be removed. */
export class LockBusyError extends Error {}

/** Another process took our lock for a dead one's, and removed it with what was written in it. */
class LockLostError extends Error {}

export type LockOptions = {
  readonly now: () => number;
  /** When waiting for another holder ends, by the same clock. */
  readonly endsAt: number;
  /** Whose links and files count, beside those of root; without one everybody's. */
  readonly uid?: number | undefined;
};

/** A lock of ours: the directory of the file and the lock itself, both open, and their paths. */
type Held = {
  readonly file: string;
  readonly directory: number;
  readonly lock: string;
  readonly opened: number;
  /** Whose files keep their owner and mode, beside those of root; without one everybody's. */
  readonly uid?: number | undefined;
};

/**
 * Puts a new file in the locked one's place, with the old one's mode and owner; a first one is 0600.
 * Without a text the file goes. Where the old file is not the one that the text was made from, which
 * `isStill` tells right before, nothing is done, and false returned.
 */
export type Replace = (text: string | undefined, isStill?: () => boolean) => boolean;

/** A lock that was changed further from now than that, either way, is a dead process's. */
const STALE_MS = 3_000;
/** How often a process that waits for something under a lock shows that it lives. */
const BEAT_MS = 1_000;

/**
 * Runs the action under a lock that all our own processes respect (docker takes none): PATH.lock,
 * beside the file that links lead to (docs/architecture.md, Why there is a lock, and why it is a
 * directory). Where the lock is lost, the action runs again. Throws LockBusyError, or the file
 * system's error.
 */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  action: (replace: Replace) => T | Promise<T>,
): Promise<T> {
  const { now, endsAt } = options;
  for (;;) {
    const held = hold(path, options);
    if (held) {
      const put: Replace = (text, isStill) => orLost(() => replace(held, text, isStill));
      const showLife = () => futimesSync(held.opened, now() / 1000, now() / 1000);
      // Where it cannot, it may be taken for dead, which costs a second try.
      const beat = setInterval(() => attempt(showLife), BEAT_MS);
      try {
        return await action(put);
      } catch (error) {
        if (!(error instanceof LockLostError)) throw error;
      } finally {
        clearInterval(beat);
        letGo(held);
      }
    } else if (sweep(path, options)) continue;
    if (now() >= endsAt) throw new LockBusyError(path);
    await new Promise((wake) => setTimeout(wake, 10 + Math.random() * 20));
  }
}

/** Undefined where another process has it, or took it for a dead one's as soon as it was made. */
function hold(path: string, { uid }: LockOptions): Held | undefined {
  const target = readTarget(path, uid);
  const directory = openSync(dirname(target), constants.O_DIRECTORY);
  try {
    const file = join(nameOf(directory, dirname(target)), basename(target));
    const lock = `${file}.lock`;
    mkdirSync(lock, { mode: 0o700 });
    return { file, directory, lock, opened: openNew(lock), uid };
  } catch (error) {
    closeAfter(directory);
    if (isErrno(error, 'EEXIST') || error instanceof LockLostError) return undefined;
    throw error;
  }
}

function openNew(lock: string): number {
  try {
    return orLost(() => openDirectory(lock));
  } catch (error) {
    // Where it is lost, it was swept as a dead process's already.
    if (!(error instanceof LockLostError)) rmdirSync(lock);
    throw error;
  }
}

function orLost<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw isErrno(error, 'ENOENT') ? new LockLostError() : error;
  }
}

/** A directory by its descriptor, where the system can: no link can lead us elsewhere then. */
function nameOf(descriptor: number, path: string): string {
  const name = DESCRIPTORS + descriptor;
  return existsSync(name) ? name : path;
}

function replace(held: Held, text: string | undefined, isStill = () => true): boolean {
  const { file, directory, lock, opened } = held;
  // A name of its own, also where two have opened one lock. What stays goes with the lock.
  const temp = join(nameOf(opened, lock), Math.random().toString(36).slice(2));
  const old = lstatSync(file, { throwIfNoEntry: false });
  const kept = old && isOwn(old, held) ? old : undefined;
  if (text !== undefined) writeNew(temp, text, kept);
  if (!isStill()) return false;
  // A removal goes through the lock too, so that a process that lost it removes nothing.
  if (text !== undefined) renameSync(temp, file);
  else if (lstatSync(file, { throwIfNoEntry: false })) renameSync(file, temp);
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

/** What was done under the lock is done, and the next process sweeps what stays of it. */
function letGo({ directory, lock, opened }: Held): void {
  attempt(() => {
    // Where it was removed, another one may have its name.
    if (fstatSync(opened).nlink > 0) empty(opened, lock);
  });
  closeAfter(opened);
  closeAfter(directory);
}

/** The name of a new file inside: what holds anything else is no lock of ours. */
const TEMP = /^[0-9a-z]+$/;

function empty(opened: number, lock: string): void {
  const inside = nameOf(opened, lock);
  const names = readdirSync(inside);
  if (!names.every((name) => TEMP.test(name))) throw new LockBusyError(lock);
  for (const name of names) unlinkSync(join(inside, name));
  rmdirSync(lock);
}

/** Removes the lock of a process that died while it held it. Never waits, and never throws. */
export function sweepLock(path: string, options: LockOptions): void {
  attempt(() => sweep(path, options));
}

function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // The next one will try, too.
  }
}

/** Whether a dead process's lock is gone; throws where waiting does not help. */
function sweep(path: string, { now, uid }: LockOptions): boolean {
  const lock = `${readTarget(path, uid)}.lock`;
  const isStale = ({ mtimeMs }: Stats) => Math.abs(now() - mtimeMs) > STALE_MS;
  const stat = lstatSync(lock, { throwIfNoEntry: false });
  if (!stat || !isStale(stat)) return !stat;
  let opened: number | undefined;
  try {
    // What is no directory is no lock of ours: a link may have led us to another program's.
    opened = openDirectory(lock);
    // Another one may be there by now: what is removed is what was judged.
    const isDead = isStale(fstatSync(opened));
    if (isDead) empty(opened, lock);
    return isDead;
  } catch (error) {
    // Another one's is there by now, or it is being removed.
    if (isErrno(error, 'ENOTEMPTY') || isErrno(error, 'EEXIST')) return false;
    if (isErrno(error, 'ENOENT')) return true;
    throw new LockBusyError(lock);
  } finally {
    if (opened !== undefined) closeAfter(opened);
  }
}
