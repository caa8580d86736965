import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { readIfThere } from './bounded-read.ts';

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
  while (!tryLock(path)) {
    const stale = isStale(path, options);
    // What is no file, or may not be removed by this user, does not go by waiting.
    if (stale ? !remove(path) : options.now() >= giveUpAt) throw new LockBusyError(path);
    if (!stale) await new Promise((done) => setTimeout(done, 10 + Math.random() * 20));
  }
  try {
    return await action();
  } finally {
    if (isOwn(path)) remove(path);
  }
}

/** Removes the lock of a process that died while it held it. Waits for nobody, and never throws. */
export function sweepLock(path: string, options: Pick<LockOptions, 'now' | 'staleMs'>): void {
  try {
    if (isStale(path, options)) remove(path);
  } catch {
    // The next one will look at it, too.
  }
}

/**
 * The lock holds its maker's process id, where that can be known, so that a killed process need not
 * be waited for.
 */
function tryLock(path: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    writeSync(descriptor, ownProcess());
    return true;
  } catch (error) {
    remove(path);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** Somebody may have taken it for stale, and made one of their own. */
function isOwn(path: string): boolean {
  return readIfThere(path) === ownProcess();
}

function ownProcess(): string {
  try {
    return readlinkSync('/proc/self');
  } catch {
    return '';
  }
}

/** Its maker was killed before it had written its number, which takes far less. */
const NAMELESS_MS = 1_000;

function isStale(path: string, { now, staleMs }: Pick<LockOptions, 'now' | 'staleMs'>): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  // Released in the meantime.
  if (stat === undefined) return false;
  // A lock from the future is one of a clock that has been set back since.
  const age = Math.abs(now() - stat.mtimeMs);
  if (!stat.isFile() || age > staleMs) return true;
  const holder = readIfThere(path) ?? '';
  if (!/^\d+$/.test(holder)) return ownProcess() !== '' && age > NAMELESS_MS;
  return !existsSync(`/proc/${holder}`);
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
