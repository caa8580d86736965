import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  type Stats,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { attempt } from '../../attempt.ts';
import { DESCRIPTORS } from './real-path.ts';

/**
 * Writes the whole text to a descriptor: of a file, or 1 or 2. Node's streams would make Node's
 * start a tenth slower. Throws the system's error. For 1 and 2 it waits for a slow reader, and
 * returns if the reader has gone.
 */
export function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (descriptor > 2) throw error;
      // The reader has gone, or it is slow and the pipe does not block.
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
      pause(5);
    }
  }
}

/** The last output of a process: there is no other stream left to try. */
export function writeLast(descriptor: number, text: string): void {
  attempt(() => writeAll(descriptor, text));
}

/** Blocks the process. */
export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Closes a descriptor after its work is done. Linux releases it even after an error: close(2). */
export function closeAfter(descriptor: number): void {
  attempt(() => closeSync(descriptor));
}

/** Not root; a group that this container does not have; a file system without owners. */
const NOT_OURS_TO_GIVE = ['EPERM', 'EINVAL', 'ENOSYS', 'ENOTSUP'];

/** Only root may change a file's owner; any other user keeps the file, as with docker. */
function giveTo(descriptor: number, { uid, gid }: Pick<Stats, 'uid' | 'gid'>): void {
  try {
    fchownSync(descriptor, uid, gid);
  } catch (error) {
    if (!NOT_OURS_TO_GIVE.some((code) => isErrno(error, code))) throw error;
  }
}

/** Flushes a rename in the directory to the disk; some file systems cannot sync a directory. */
export function syncDirectory(descriptor: number): void {
  attempt(() => fsyncSync(descriptor));
}

export function isErrno(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}

/** Never follows a link in its place. */
export function openDirectory(path: string): number {
  return openSync(path, constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

/** Makes a directory for us alone, with its parents. Not `recursive`: Node tries forever where nothing can be made, as in /proc. */
export function makeDirectory(path: string): void {
  const make = () => mkdirSync(path, { mode: 0o700 });
  try {
    make();
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return;
    if (!isErrno(error, 'ENOENT')) throw error;
    makeDirectory(dirname(path));
    make();
  }
}

/** A directory by its descriptor if the system can: then no link can lead us elsewhere. */
export function nameOf(descriptor: number, path: string): string {
  const name = DESCRIPTORS + descriptor;
  return existsSync(name) ? name : path;
}

/**
 * Writes a new file, with the owner and mode of an old one, else 0600. By descriptor: by then the
 * path may be another user's file.
 */
export function writeNew(path: string, text: string, old: Stats | undefined): void {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    writeAll(descriptor, text);
    const { uid, gid } = fstatSync(descriptor);
    if (old && (old.uid !== uid || old.gid !== gid)) giveTo(descriptor, old);
    fchmodSync(descriptor, old ? old.mode & 0o777 : 0o600);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The names in a directory; none if there is none or it cannot be read. */
export function readNames(directory: string): string[] {
  return attempt(() => readdirSync(directory)) ?? [];
}
