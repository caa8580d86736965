import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Longer ago than any run of ours holds a lock. */
const DEAD_MS = 10_000;

/** The lock of the file at a path. */
export function lockOf(path: string): string {
  return `${path}.lock`;
}

/**
 * Makes the lock of a file as a run of ours leaves it that is killed: a directory with the new file
 * in it, unfinished. By default it was long ago.
 */
export function leaveLock(path: string, ageMs = DEAD_MS, text = '{"auths": {'): string {
  const lock = lockOf(path);
  mkdirSync(lock, { mode: 0o700 });
  writeFileSync(join(lock, 'k2j3h4k5'), text, { mode: 0o600 });
  age(lock, ageMs);
  return lock;
}

/** Makes a file or directory look so much older, or younger where that is less than nothing. */
export function age(path: string, ms: number): void {
  const time = new Date(Date.now() - ms);
  utimesSync(path, time, time);
}
