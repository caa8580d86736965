import {
  closeSync,
  fstatSync,
  futimesSync,
  lstatSync,
  openSync,
  renameSync,
  unlinkSync,
} from 'node:fs';
import { isErrno, writeAll } from './descriptor.ts';
import { readToken, renderToken, type Token } from './token-cache.ts';

export type Turn = {
  readonly isFresh: (token: Token) => boolean;
  readonly now: () => number;
  /** How long to wait for another process that makes the same token. */
  readonly waitMs: number;
};

/** A lock that was touched further from now than that, either way, is a dead process's. */
const STALE_MS = 3_000;
const BEAT_MS = 1_000;

/**
 * The token in a file while it is fresh, else a new one, which is kept there. Of many processes at
 * once one makes it, and the others wait and find it; where that takes too long, each makes its own.
 * A token that cannot be kept is as good as one that can.
 */
export async function fetchInTurn<Made extends { readonly token?: Token }>(
  file: string | undefined,
  turn: Turn,
  make: () => Promise<Made>,
): Promise<Made | { readonly token: Token }> {
  if (file === undefined) return make();
  const lock = await waitForLock(`${file}.lock`, turn);
  try {
    const found = readToken(file);
    if (found && turn.isFresh(found)) return { token: found };
    const made = await make();
    if (made.token) keep(file, made.token);
    return made;
  } finally {
    lock?.letGo();
  }
}

type Lock = { readonly letGo: () => void };

/** Undefined where it cannot be had. The folder is ours alone, so that no one else interferes. */
async function waitForLock(path: string, { now, waitMs }: Turn): Promise<Lock | undefined> {
  const giveUpAt = now() + waitMs;
  for (;;) {
    const taken = takeLock(path, now);
    if (taken !== 'held') return taken;
    if (now() >= giveUpAt) return undefined;
    await new Promise((wake) => setTimeout(wake, 10 + Math.random() * 20));
  }
}

function takeLock(path: string, now: () => number): Lock | 'held' | undefined {
  try {
    const opened = openSync(path, 'wx', 0o600);
    const showLife = () => futimesSync(opened, now() / 1000, now() / 1000);
    const beat = setInterval(() => attempt(showLife), BEAT_MS);
    const letGo = () => {
      clearInterval(beat);
      // Where it was taken for a dead process's, another one has its name.
      attempt(() => fstatSync(opened).nlink > 0 && unlinkSync(path));
      attempt(() => closeSync(opened));
    };
    return { letGo };
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) return undefined;
    // Two that sweep at once may both go on: then a token is made twice.
    attempt(() => Math.abs(now() - lstatSync(path).mtimeMs) > STALE_MS && unlinkSync(path));
    return 'held';
  }
}

function keep(file: string, token: Token): void {
  const fresh = `${file}.${Math.random().toString(36).slice(2)}`;
  attempt(() => {
    const opened = openSync(fresh, 'wx', 0o600);
    try {
      writeAll(opened, renderToken(token));
      renameSync(fresh, file);
    } catch {
      unlinkSync(fresh);
    } finally {
      closeSync(opened);
    }
  });
}

function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // The next pull makes a token of its own.
  }
}
