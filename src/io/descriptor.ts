import {
  closeSync,
  constants,
  fchownSync,
  fsyncSync,
  openSync,
  readdirSync,
  type Stats,
  writeSync,
} from 'node:fs';

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

/** The last output of a process: if it fails, there is nothing left to do. */
export function writeLast(descriptor: number, text: string): void {
  try {
    writeAll(descriptor, text);
  } catch {
    // There is no other stream left to try.
  }
}

/** Blocks the process. */
export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Closes a descriptor after its work is done, so an error does not matter. */
export function closeAfter(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // Linux releases it anyway: close(2).
  }
}

/** Not root; a group that this container does not have; a file system without owners. */
const NOT_OURS_TO_GIVE = ['EPERM', 'EINVAL', 'ENOSYS', 'ENOTSUP'];

/** Only root may change a file's owner; any other user keeps the file, as with docker. */
export function giveTo(descriptor: number, { uid, gid }: Pick<Stats, 'uid' | 'gid'>): void {
  try {
    fchownSync(descriptor, uid, gid);
  } catch (error) {
    if (!NOT_OURS_TO_GIVE.some((code) => isErrno(error, code))) throw error;
  }
}

/** Flushes a rename in the directory to the disk if possible; it is done in any case. */
export function syncDirectory(descriptor: number): void {
  try {
    fsyncSync(descriptor);
  } catch {
    // Some file systems cannot sync a directory.
  }
}

export function isErrno(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}

/** Never follows a link in its place. */
export function openDirectory(path: string): number {
  return openSync(path, constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

/** The names in a directory; none if there is none or it cannot be read. */
export function readNames(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
