import {
  existsSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readlinkSync,
  renameSync,
  unlinkSync,
} from 'node:fs';
import { tempBeside } from './atomic-write.ts';
import { readIfThere } from './bounded-read.ts';
import { closeAfter, writeAll } from './descriptor.ts';

/** Thrown when somebody else held the lock all the time. */
export class LockBusyError extends Error {}

export type LockOptions = {
  readonly now: () => number;
  /** How long to wait for another holder. */
  readonly waitMs: number;
  /**
   * The age at which a lock is a dead process's: well over the longest time that anyone holds it.
   */
  readonly staleMs: number;
};

type Age = Pick<LockOptions, 'now' | 'staleMs'>;

/**
 * Runs the action while holding a lock file that all our own processes respect (docker takes none).
 * Throws LockBusyError, or the file system's error where the lock cannot be made.
 */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  action: () => T | Promise<T>,
): Promise<T> {
  const giveUpAt = options.now() + options.waitMs;
  let lock = tryLock(path);
  for (; lock === undefined; lock = tryLock(path)) {
    const stale = isStale(path, options);
    // What is no file, or may not be removed by this user, does not go by waiting.
    if (stale ? !takeAway(path, options) : options.now() >= giveUpAt) throw new LockBusyError(path);
    if (!stale) await new Promise((done) => setTimeout(done, 10 + Math.random() * 20));
  }
  try {
    return await action();
  } finally {
    release(path, lock);
  }
}

/** Removes the lock of a process that died while it held it. Waits for nobody, and never throws. */
export function sweepLock(path: string, options: Age): void {
  try {
    if (isStale(path, options)) takeAway(path, options);
  } catch {
    // The next one will look at it, too.
  }
}

/**
 * The lock says who its maker is, where that can be known, so that a killed process need not be
 * waited for. It stays open while it is held: no other file has its inode meanwhile.
 */
function tryLock(path: string): number | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
  try {
    writeAll(descriptor, ownProcess());
    return descriptor;
  } catch (error) {
    release(path, descriptor);
    throw error;
  }
}

/**
 * Never throws: what was done under the lock is done, and whoever comes next finds that its maker
 * is gone.
 */
function release(path: string, descriptor: number): void {
  const isOwn = isOpenAt(path, descriptor);
  closeAfter(descriptor);
  if (isOwn) remove(path);
}

/** Somebody may have taken it for stale, and made one of their own. */
function isOpenAt(path: string, descriptor: number): boolean {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    return found?.ino === fstatSync(descriptor).ino;
  } catch {
    return false;
  }
}

/** Our number, and the namespace in which we have it: a home may be in several containers. */
function ownProcess(): string {
  const number = linkOf('/proc/self');
  return number && `${number} ${ownNamespace()}`;
}

function ownNamespace(): string {
  return linkOf('/proc/self/ns/pid');
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** Its maker was killed before it had said who it is, which takes far less. */
const NAMELESS_MS = 1_000;

function isStale(path: string, { now, staleMs }: Age): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  // Released in the meantime.
  if (stat === undefined) return false;
  // A lock from the future is one of a clock that has been set back since.
  const age = Math.abs(now() - stat.mtimeMs);
  if (!stat.isFile() || age > staleMs) return true;
  const [, number, namespace] = /^(\d+) (\S*)$/.exec(readIfThere(path) ?? '') ?? [];
  if (number === undefined) return ownProcess() !== '' && age > NAMELESS_MS;
  // Of another container's processes nobody here knows which are alive.
  return namespace === ownNamespace() && !existsSync(`/proc/${number}`);
}

/**
 * Takes a dead process's lock away; whether it is gone. Somebody else may have done so since it was
 * judged, and made one of their own: so it is looked at once more where nobody else finds it, and a
 * living one's is put back.
 */
function takeAway(path: string, age: Age): boolean {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return remove(path);
  // A temp file by its name: it is swept where we are killed now.
  const aside = tempBeside(path);
  try {
    renameSync(path, aside);
    if (!isStale(aside, age)) linkSync(aside, path);
    unlinkSync(aside);
    return true;
  } catch (error) {
    return ['ENOENT', 'EEXIST'].includes(`${(error as NodeJS.ErrnoException).code}`);
  }
}

/** Whether it is gone, by whomever: somebody else may have taken it for stale too. */
function remove(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
