import {
  constants,
  fstatSync,
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
import { basename, dirname } from 'node:path';
import { attempt } from '../attempt.ts';
import {
  closeAfter,
  isErrno,
  nameOf,
  openDirectory,
  syncDirectory,
  writeNew,
} from '../io/files/descriptor.ts';
import { fault, readTarget } from '../io/files/real-path.ts';

/** Code of an error: another process holds the lock, or what has its name cannot be removed. */
export const LOCKED = 'LOCKED';

/** Code of an error: another process took our lock for a dead one's, and removed it. */
const LOST = 'LOST';

export type LockOptions = {
  readonly now: () => number;
  /** When we stop waiting for the lock, by the same clock. */
  readonly endsAt: number;
  /** Whose links and files we accept besides root's; undefined accepts all. */
  readonly uid?: number | undefined;
};

/** A lock of ours: the directory of the file and the lock itself, both open, and their paths. */
type Held = {
  readonly file: string;
  readonly directory: number;
  readonly lock: string;
  readonly opened: number;
  /** Whose files keep their owner and mode, besides root's; undefined: every user's. */
  readonly uid?: number | undefined;
};

/**
 * Replaces the locked file, keeping its mode and owner; a first file is 0600. Without a text it
 * removes the file. Does nothing and returns false if `isStill`, called right before, finds that
 * the file has changed since the text was made.
 */
export type Replace = (text: string | undefined, isStill?: () => boolean) => boolean;

/** Waits for work under a lock, and touches the lock meanwhile, so that it does not look stale. */
export type WaitFor = <T>(work: Promise<T>) => Promise<T>;

/** A lock whose time is further from now than this, either way, is a dead process's. */
const STALE_MS = 3_000;
/** How often a process touches the lock while it waits for work under it. */
const BEAT_MS = 1_000;

/**
 * Runs the action under a lock that all our own processes respect (docker takes none): PATH.lock,
 * beside the file that links lead to (docs/architecture.md, Why there is a lock, and why it is a
 * directory). If the lock is lost, the action runs again. Throws an error with the code
 * LOCKED, or the file system's.
 */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  action: (replace: Replace, waitFor: WaitFor) => T | Promise<T>,
): Promise<T> {
  const { now, endsAt } = options;
  for (;;) {
    const held = hold(path, options);
    if (held) {
      const put: Replace = (text, isStill) => orLost(() => replace(held, text, isStill));
      try {
        return await action(put, (work) => showLife(held, now, work));
      } catch (error) {
        if (!isErrno(error, LOST)) throw error;
      } finally {
        letGo(held);
      }
    } else if (sweep(path, options)) continue;
    if (now() >= endsAt) throw fault(LOCKED);
    await new Promise((wake) => setTimeout(wake, 10 + Math.random() * 20));
  }
}

/** Not for all the time that we hold the lock: a timer takes longer than most of our writes. */
async function showLife<T>({ opened }: Held, now: () => number, work: Promise<T>): Promise<T> {
  const touch = () => attempt(() => futimesSync(opened, now() / 1000, now() / 1000));
  // If it fails, our lock may look stale, which costs a second try.
  const beat = setInterval(touch, BEAT_MS);
  try {
    return await work;
  } finally {
    clearInterval(beat);
  }
}

/** Undefined if another process has it, or removed ours as stale right after we made it. */
function hold(path: string, { uid }: LockOptions): Held | undefined {
  const target = readTarget(path, uid);
  const directory = openSync(dirname(target), constants.O_DIRECTORY);
  try {
    const file = `${nameOf(directory, dirname(target))}/${basename(target)}`;
    const lock = `${file}.lock`;
    mkdirSync(lock, { mode: 0o700 });
    return { file, directory, lock, opened: openNew(lock), uid };
  } catch (error) {
    closeAfter(directory);
    if (isErrno(error, 'EEXIST') || isErrno(error, LOST)) return undefined;
    throw error;
  }
}

function openNew(lock: string): number {
  try {
    return orLost(() => openDirectory(lock));
  } catch (error) {
    // A lost lock has been removed already, and another process's may have its name.
    if (!isErrno(error, LOST)) attempt(() => rmdirSync(lock));
    throw error;
  }
}

function orLost<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw isErrno(error, 'ENOENT') ? fault(LOST) : error;
  }
}

function replace(held: Held, text: string | undefined, isStill = () => true): boolean {
  const { file, directory, lock, opened } = held;
  // A unique name: two processes may have one lock open. A leftover goes with the lock.
  const temp = `${nameOf(opened, lock)}/${Math.random().toString(36).slice(2)}`;
  const old = lstatSync(file, { throwIfNoEntry: false });
  const kept = old && isOwn(old, held) ? old : undefined;
  if (text !== undefined) writeNew(temp, text, kept);
  if (!isStill()) return false;
  // A removal is a rename into the lock: a process that lost it removes nothing.
  if (text !== undefined) renameSync(temp, file);
  else if (lstatSync(file, { throwIfNoEntry: false })) renameSync(file, temp);
  syncDirectory(directory);
  return true;
}

/**
 * Whether the user chose the old file's owner and mode. Another user who may write to the directory
 * may have put any file there, even one of the user's that every user may read.
 */
function isOwn({ uid: owner }: Stats, { directory, uid }: Held): boolean {
  if (uid === undefined) return true;
  return [0, uid].includes(owner) && (fstatSync(directory).mode & OTHERS_WRITE) === 0;
}

const OTHERS_WRITE = 0o022;

/** Errors do not matter: the next process removes what is left of the lock. */
function letGo({ directory, lock, opened }: Held): void {
  attempt(() => {
    // If ours is gone, another lock may have its name.
    if (fstatSync(opened).nlink > 0) empty(opened, lock);
  });
  closeAfter(opened);
  closeAfter(directory);
}

/** The name of a new file inside. With any other file in it, it is not our lock. */
const TEMP = /^[0-9a-z]+$/;

function empty(opened: number, lock: string): void {
  const inside = nameOf(opened, lock);
  const names = readdirSync(inside);
  if (!names.every((name) => TEMP.test(name))) throw fault(LOCKED);
  for (const name of names) unlinkSync(`${inside}/${name}`);
  rmdirSync(lock);
}

/** Removes the lock of a process that died while it held it. Never waits, and never throws. */
export function sweepLock(path: string, options: LockOptions): void {
  attempt(() => sweep(path, options));
}

/** Whether a dead process's lock is gone; throws if waiting does not help. */
function sweep(path: string, { now, uid }: LockOptions): boolean {
  const lock = `${readTarget(path, uid)}.lock`;
  const isStale = ({ mtimeMs }: Stats) => Math.abs(now() - mtimeMs) > STALE_MS;
  const stat = lstatSync(lock, { throwIfNoEntry: false });
  if (!stat || !isStale(stat)) return !stat;
  let opened: number | undefined;
  try {
    // Our locks are directories. A link may have led us to another program's file.
    opened = openDirectory(lock);
    // A new lock may be there by now, so check the one that we opened.
    const isDead = isStale(fstatSync(opened));
    if (isDead) empty(opened, lock);
    return isDead;
  } catch (error) {
    // Another process has made one, or is removing it.
    if (isErrno(error, 'ENOTEMPTY') || isErrno(error, 'EEXIST')) return false;
    if (isErrno(error, 'ENOENT')) return true;
    throw fault(LOCKED);
  } finally {
    if (opened !== undefined) closeAfter(opened);
  }
}
