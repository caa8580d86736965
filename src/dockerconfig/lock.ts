import {
  constants,
  fchmodSync,
  fstatSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { closeAfter, isErrno, openDirectory } from '../io/descriptor.ts';
import { readTarget } from '../io/real-path.ts';
import { type Held, LockLostError, nameOf, orLost, replace } from './replace.ts';

/** Another process held the lock all the time, or what is in its place cannot be removed. */
export class LockBusyError extends Error {}

export type LockOptions = {
  readonly now: () => number;
  /** How long to wait for another holder. */
  readonly waitMs: number;
  /** When all waiting ends, by the same clock. */
  readonly endsAt?: number | undefined;
  /** A lock that was changed further from now than that, either way, is a dead process's. */
  readonly staleMs: number;
  /** Whose links and files count, beside those of root; without one everybody's. */
  readonly uid?: number | undefined;
};

/**
 * Puts a new file in the locked one's place, in one step, with the old one's mode and owner; a
 * first one is 0600. Null removes it. Right before, `isStill` is asked whether the old file is the
 * one that the text was made from: where it is not, nothing is done, and false returned.
 */
export type Replace = (text: string | null, isStill?: () => boolean) => boolean;

/** How often a process that waits for something under a lock shows that it lives. */
const BEAT_MS = 1_000;

/**
 * Runs the action under a lock that all our own processes respect (docker takes none). Links to the
 * file are followed. Where the lock is lost, the action runs again. Throws LockBusyError, or the
 * file system's error.
 *
 * The lock is a directory, PATH.lock, which cannot be made twice; the new file is written inside,
 * and renamed from there over the old one (docs/architecture.md, Why there is a lock, and why it is
 * a directory).
 */
export async function withLock<T>(
  path: string,
  options: LockOptions,
  action: (replace: Replace) => T | Promise<T>,
): Promise<T> {
  const { now, waitMs, uid, endsAt = Number.POSITIVE_INFINITY } = options;
  const giveUpAt = Math.min(now() + waitMs, endsAt);
  for (;;) {
    const held = hold(path, uid);
    if (held) {
      const showLife = () => futimesSync(held.opened, now() / 1000, now() / 1000);
      // Where it cannot, it may be taken for dead, which costs a second try.
      const beat = setInterval(() => attempt(showLife), BEAT_MS);
      try {
        return await action((text, isStill) => replace(held, text, isStill));
      } catch (error) {
        if (!(error instanceof LockLostError)) throw error;
      } finally {
        clearInterval(beat);
        letGo(held);
      }
    } else if (sweep(path, options)) continue;
    if (now() >= giveUpAt) throw new LockBusyError(path);
    await new Promise((wake) => setTimeout(wake, 10 + Math.random() * 20));
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

function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // The next one will try, too.
  }
}

/** Removes the lock of a process that died while it held it. Never waits, and never throws. */
export function sweepLock(path: string, options: LockOptions): void {
  attempt(() => sweep(path, options));
}

/** Undefined where another process has it. */
function hold(path: string, uid: number | undefined): Held | undefined {
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
    const opened = orLost(() => openDirectory(lock));
    // Whatever the umask is.
    fchmodSync(opened, 0o700);
    return opened;
  } catch (error) {
    // Where it is lost, it was swept as a dead process's already.
    if (!(error instanceof LockLostError)) rmdirSync(lock);
    throw error;
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

/** Whether a dead process's lock is gone; throws where waiting does not help. */
function sweep(path: string, { now, staleMs, uid }: LockOptions): boolean {
  const lock = `${readTarget(path, uid)}.lock`;
  const isStale = ({ mtimeMs }: Stats) => Math.abs(now() - mtimeMs) > staleMs;
  const stat = lstatSync(lock, { throwIfNoEntry: false });
  if (!stat || !isStale(stat)) return !stat;
  try {
    // What is no directory is no lock of ours: a link may have led us to another program's.
    const opened = openDirectory(lock);
    try {
      // Another one may be there by now: what is removed is what was judged.
      const isDead = isStale(fstatSync(opened));
      if (isDead) empty(opened, lock);
      return isDead;
    } finally {
      closeAfter(opened);
    }
  } catch (error) {
    // Another one's is there by now, or it is being removed.
    if (isErrno(error, 'ENOTEMPTY') || isErrno(error, 'EEXIST')) return false;
    if (isErrno(error, 'ENOENT')) return true;
    throw new LockBusyError(lock);
  }
}
