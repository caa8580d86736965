import { closeSync, openSync, statSync, unlinkSync } from 'node:fs';

/** Thrown when somebody else held the lock all the time. */
export class LockBusyError extends Error {}

export type LockOptions = {
  readonly now: () => number;
  /** How long to wait for another holder. */
  readonly waitMs: number;
  /** The age at which a lock is a dead process's: well over the longest time that anyone holds it. */
  readonly staleMs: number;
};

/**
 * Runs the action while holding a lock file that all our own processes respect (docker takes none). Throws LockBusyError, or the file system's error
 * where the lock cannot be made.
 */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  action: () => T | Promise<T>,
): Promise<T> {
  const giveUpAt = options.now() + options.waitMs;
  while (!tryLock(path)) {
    breakStale(path, options);
    if (options.now() >= giveUpAt) throw new LockBusyError(path);
    await new Promise((done) => setTimeout(done, 10 + Math.random() * 20));
  }
  try {
    return await action();
  } finally {
    remove(path);
  }
}

function tryLock(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function breakStale(path: string, { now, staleMs }: LockOptions): void {
  try {
    if (now() - statSync(path).mtimeMs > staleMs) remove(path);
  } catch {
    // Released in the meantime.
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Somebody took it for stale: it is gone either way.
  }
}
