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
  const giveUpAt = options.now() + options.waitMs;
  for (;;) {
    const held = tryToHold(path);
    if (!held && sweep(`${readRealPath(path)}.lock`, options)) continue;
    const done = held && (await runHeld(held, options.now, action));
    if (done) return done.value;
    if (options.now() >= giveUpAt) throw new LockBusyError(path);
    await new Promise((wake) => setTimeout(wake, 10 + Math.random() * 20));
  }
}

/** Undefined where the lock was lost. */
async function runHeld<T>(
  held: Held,
  now: () => number,
  action: (replace: Replace) => T | Promise<T>,
): Promise<{ readonly value: T } | undefined> {
  const beat = setInterval(() => showLife(held, now()), BEAT_MS);
  try {
    return { value: await action((text, isStill) => replace(held, text, isStill)) };
  } catch (error) {
    if (error instanceof LockLostError) return undefined;
    throw error;
  } finally {
    clearInterval(beat);
    release(held);
  }
}

/** How often whoever waits for something under a lock shows that it lives. */
const BEAT_MS = 1_000;

function showLife({ opened }: Held, now: number): void {
  try {
    futimesSync(opened, now / 1000, now / 1000);
  } catch {
    // It may be taken for dead, which costs a second try.
  }
}

/** Removes the lock of a process that died while it held it. Waits for nobody, and never throws. */
export function sweepLock(path: string, options: LockOptions): void {
  try {
    sweep(`${readRealPath(path)}.lock`, options);
  } catch {
    // The next one will look at it, too.
  }
}

/** Two open directories, the file's and the lock; paths go through them where the system can. */
type Held = {
  readonly file: string;
  readonly directory: number;
  readonly lock: string;
  readonly opened: number;
};

/** Undefined where another process has it. */
function tryToHold(path: string): Held | undefined {
  const target = readRealPath(path);
  const directory = openDirectory(dirname(target));
  try {
    if (isLedElsewhere(path, { real: target, owner: fstatSync(directory).uid }))
      throw Object.assign(new Error("a link to what is not its owner's"), { code: 'EACCES' });
    const file = join(nameOf(directory, dirname(target)), basename(target));
    const lock = `${file}.lock`;
    const opened = make(lock, directory);
    if (opened !== undefined) return { file, directory, lock, opened };
  } catch (error) {
    closeAfter(directory);
    throw error;
  }
  closeAfter(directory);
  return undefined;
}

function make(lock: string, directory: number): number | undefined {
  try {
    mkdirSync(lock, { mode: 0o700 });
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return undefined;
    throw error;
  }
  try {
    const opened = openDirectory(lock);
    // Whatever the umask is.
    fchmodSync(opened, 0o700);
    giveTo(opened, fstatSync(directory));
    return opened;
  } catch (error) {
    // Swept as a dead process's already.
    if (isErrno(error, 'ENOENT')) return undefined;
    rmdirSync(lock);
    throw error;
  }
}

function replace(held: Held, text: string | null, isStill = () => true): boolean {
  const { file, directory, lock, opened } = held;
  // A name of nobody else's, also where two have opened one lock. What stays goes with the lock.
  const temp = join(nameOf(opened, lock), Math.random().toString(36).slice(2));
  if (text !== null) orLost(() => writeNew(temp, text, readOwner(file, directory)));
  if (!isStill()) return false;
  if (text === null && !lstatSync(file, { throwIfNoEntry: false })) return true;
  // A removal goes through the lock too, so that a process that lost it removes nothing.
  orLost(() => (text === null ? renameSync(file, temp) : renameSync(temp, file)));
  syncDirectory(directory);
  return true;
}

function orLost(act: () => void): void {
  try {
    act();
  } catch (error) {
    throw isErrno(error, 'ENOENT') ? new LockLostError() : error;
  }
}

/** Never throws: what was done under the lock is done, and whoever comes next finds it old. */
function release({ directory, lock, opened }: Held): void {
  try {
    // Where it was removed, another one may have its name.
    if (fstatSync(opened).nlink > 0) empty(opened, lock);
  } catch {
    // It is swept by who comes next.
  }
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

/** Whether a dead process's lock is gone, by whomever; throws where it does not go by waiting. */
function sweep(lock: string, { now, staleMs }: LockOptions): boolean {
  const isStale = ({ mtimeMs }: Stats) => Math.abs(now() - mtimeMs) > staleMs;
  const stat = lstatSync(lock, { throwIfNoEntry: false });
  if (stat === undefined) return true;
  if (!isStale(stat)) return false;
  try {
    if (!stat.isDirectory()) unlinkSync(lock);
    else return sweepDirectory(lock, isStale);
  } catch (error) {
    // Another one's is there by now, or it is being removed.
    if (isErrno(error, 'ENOTEMPTY') || isErrno(error, 'EEXIST')) return false;
    if (!isErrno(error, 'ENOENT')) throw new LockBusyError(lock);
  }
  return true;
}

/** Another one may be there by now: what is removed is what was judged. */
function sweepDirectory(lock: string, isStale: (stat: Stats) => boolean): boolean {
  const opened = openDirectory(lock);
  try {
    if (!isStale(fstatSync(opened))) return false;
    empty(opened, lock);
    return true;
  } finally {
    closeAfter(opened);
  }
}

/** A directory by its descriptor, where the system can: nobody can send us elsewhere then. */
function nameOf(descriptor: number, path: string): string {
  const name = `/proc/self/fd/${descriptor}`;
  return existsSync(name) ? name : path;
}

type Owner = Pick<Stats, 'uid' | 'gid' | 'mode'>;

/** Of the file that is there; else of whom its directory belongs to, for root in another's home. */
function readOwner(file: string, directory: number): Owner {
  const before = lstatSync(file, { throwIfNoEntry: false });
  return before ?? { ...fstatSync(directory), mode: 0o600 };
}

/** Owner and mode are set on the descriptor: the path may be another user's file by then. */
function writeNew(path: string, text: string, { uid, gid, mode }: Owner): void {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    writeAll(descriptor, text);
    giveTo(descriptor, { uid, gid });
    fchmodSync(descriptor, mode & 0o777);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
