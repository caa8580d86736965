import {
  closeSync,
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
import { isLedElsewhere, readRealPath } from '../io/real-path.ts';

/** Another process held the lock all the time, or what is in its place cannot be removed. */
export class LockBusyError extends Error {}

/** Another process took our lock for a dead one's, and removed it with what was written in it. */
class LockLostError extends Error {}

export type LockOptions = {
  readonly now: () => number;
  /** How long to wait for another holder. */
  readonly waitMs: number;
  /** A lock that was changed further from now than that, either way, is a dead process's. */
  readonly staleMs: number;
};

/**
 * Puts a new file in the locked one's place, in one step, with the old one's mode and owner; a
 * first one is 0600 and its directory's owner's. Null removes it. Right before, `isStill` is asked
 * whether the old file is the one that the text was made from: where it is not, nothing is done,
 * and false returned.
 */
export type Replace = (text: string | null, isStill?: () => boolean) => boolean;

/**
 * Runs the action under a lock that all our own processes respect (docker takes none). Links to the
 * file are followed. Where the lock is lost, the action runs again. Throws LockBusyError, or the
 * file system's error.
 *
 * The lock is a directory, PATH.lock, which cannot be made twice; the new file is written inside,
 * and renamed from there over the old one. A process that is stopped for minutes may wake up right
 * before its rename, when others have removed its lock and made their own. Its paths go through the
 * directory that it opened, and lead nowhere then: it can put neither an old text in place nor
 * another process's unfinished one, as it could if the lock were a file of a known name.
 */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  action: (replace: Replace) => T | Promise<T>,
): Promise<T> {
  const { now, waitMs } = options;
  const giveUpAt = now() + waitMs;
  for (;;) {
    const held = hold(path);
    if (!held && sweep(path, options)) continue;
    const done = held && (await runHeld(held, now, action));
    if (done) return done.value;
    if (now() >= giveUpAt) throw new LockBusyError(path);
    await new Promise((wake) => setTimeout(wake, 10 + Math.random() * 20));
  }
}

/** How often whoever waits for something under a lock shows that it lives. */
const BEAT_MS = 1_000;

/** Undefined where the lock was lost. */
async function runHeld<T>(
  held: Held,
  now: () => number,
  action: (replace: Replace) => T | Promise<T>,
): Promise<{ readonly value: T } | undefined> {
  const showLife = () => futimesSync(held.opened, now() / 1000, now() / 1000);
  // Where it cannot, it may be taken for dead, which costs a second try.
  const beat = setInterval(() => attempt(showLife), BEAT_MS);
  try {
    return { value: await action((text, isStill) => replace(held, text, isStill)) };
  } catch (error) {
    if (error instanceof LockLostError) return undefined;
    throw error;
  } finally {
    clearInterval(beat);
    // What was done under the lock is done, and whoever comes next sweeps what stays.
    attempt(() => {
      // Where it was removed, another one may have its name.
      if (fstatSync(held.opened).nlink > 0) empty(held.opened, held.lock);
    });
    closeAfter(held.opened);
    closeAfter(held.directory);
  }
}

function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // The next one will try, too.
  }
}

/** Removes the lock of a process that died while it held it. Waits for nobody, and never throws. */
export function sweepLock(path: string, options: LockOptions): void {
  attempt(() => sweep(path, options));
}

/** Two open directories, the file's and the lock; paths go through them where the system can. */
type Held = {
  readonly file: string;
  readonly directory: number;
  readonly lock: string;
  readonly opened: number;
};

/** Undefined where another process has it. */
function hold(path: string): Held | undefined {
  const target = readRealPath(path);
  const directory = openDirectory(dirname(target));
  try {
    const owner = fstatSync(directory);
    if (isLedElsewhere(path, { real: target, owner: owner.uid }))
      throw Object.assign(new Error("a link to what is not its owner's"), { code: 'EACCES' });
    const file = join(nameOf(directory, dirname(target)), basename(target));
    const lock = `${file}.lock`;
    mkdirSync(lock, { mode: 0o700 });
    return { file, directory, lock, opened: openNew(lock, owner) };
  } catch (error) {
    closeAfter(directory);
    if (isErrno(error, 'EEXIST') || error instanceof LockLostError) return undefined;
    throw error;
  }
}

function openNew(lock: string, owner: Stats): number {
  try {
    const opened = orLost(() => openDirectory(lock));
    // Whatever the umask is.
    fchmodSync(opened, 0o700);
    giveTo(opened, owner);
    return opened;
  } catch (error) {
    // Where it is lost, it was swept as a dead process's already.
    if (!(error instanceof LockLostError)) rmdirSync(lock);
    throw error;
  }
}

function replace(held: Held, text: string | null, isStill = () => true): boolean {
  const { file, directory, lock, opened } = held;
  // A name of nobody else's, also where two have opened one lock. What stays goes with the lock.
  const temp = join(nameOf(opened, lock), Math.random().toString(36).slice(2));
  const old = lstatSync(file, { throwIfNoEntry: false });
  // A first one is its directory's owner's, for root in another user's home.
  const owner = old ?? { ...fstatSync(directory), mode: 0o600 };
  if (text !== null) orLost(() => writeNew(temp, text, owner));
  if (!isStill()) return false;
  if (text === null && !lstatSync(file, { throwIfNoEntry: false })) return true;
  // A removal goes through the lock too, so that a process that lost it removes nothing.
  orLost(() => (text === null ? renameSync(file, temp) : renameSync(temp, file)));
  syncDirectory(directory);
  return true;
}

function orLost<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw isErrno(error, 'ENOENT') ? new LockLostError() : error;
  }
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

/** Whether a dead process's lock is gone, by whomever; throws where it does not go by waiting. */
function sweep(path: string, { now, staleMs }: LockOptions): boolean {
  const lock = `${readRealPath(path)}.lock`;
  const isStale = ({ mtimeMs }: Stats) => Math.abs(now() - mtimeMs) > staleMs;
  const stat = lstatSync(lock, { throwIfNoEntry: false });
  if (stat === undefined) return true;
  if (!isStale(stat)) return false;
  try {
    if (stat.isDirectory()) return sweepDirectory(lock, isStale);
    unlinkSync(lock);
    return true;
  } catch (error) {
    // Another one's is there by now, or it is being removed.
    if (isErrno(error, 'ENOTEMPTY') || isErrno(error, 'EEXIST')) return false;
    if (isErrno(error, 'ENOENT')) return true;
    throw new LockBusyError(lock);
  }
}

/** Another one may be there by now: what is removed is what was judged. */
function sweepDirectory(lock: string, isStale: (stat: Stats) => boolean): boolean {
  const opened = openDirectory(lock);
  try {
    const isDead = isStale(fstatSync(opened));
    if (isDead) empty(opened, lock);
    return isDead;
  } finally {
    closeAfter(opened);
  }
}

/** A directory by its descriptor, where the system can: nobody can send us elsewhere then. */
function nameOf(descriptor: number, path: string): string {
  const name = `/proc/self/fd/${descriptor}`;
  return existsSync(name) ? name : path;
}

/** Owner and mode are set on the descriptor: the path may be another user's file by then. */
function writeNew(path: string, text: string, owner: Pick<Stats, 'uid' | 'gid' | 'mode'>): void {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    writeAll(descriptor, text);
    giveTo(descriptor, owner);
    fchmodSync(descriptor, owner.mode & 0o777);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
