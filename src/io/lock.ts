import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readlinkSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';

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
    if (isStale(path, options)) remove(path);
    else if (options.now() >= giveUpAt) throw new LockBusyError(path);
    else await new Promise((done) => setTimeout(done, 10 + Math.random() * 20));
  }
  try {
    return await action();
  } finally {
    if (isOwn(path)) remove(path);
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
  try {
    return readFileSync(path, 'utf8') === ownProcess();
  } catch {
    return false;
  }
}

function ownProcess(): string {
  try {
    return readlinkSync('/proc/self');
  } catch {
    return '';
  }
}

function isStale(path: string, { now, staleMs }: LockOptions): boolean {
  try {
    const age = now() - statSync(path).mtimeMs;
    const holder = readFileSync(path, 'utf8');
    return age > staleMs || (/^\d+$/.test(holder) && !existsSync(`/proc/${holder}`));
  } catch {
    // Released in the meantime.
    return false;
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody took it for stale: it is gone either way.
  }
}
