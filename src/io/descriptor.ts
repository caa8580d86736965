import {
  closeSync,
  constants,
  fchownSync,
  fsyncSync,
  openSync,
  type Stats,
  writeSync,
} from 'node:fs';

/**
 * Writes all of the text to a descriptor: of a file, or 1 or 2. Node's streams would add a tenth to
 * the time that Node needs to start. Throws the system's error; 1 and 2 wait for a slow reader, and
 * are silent where there is none any more.
 */
export function writeAll(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (descriptor > 2) throw error;
      // Whoever reads the other end has gone, or is slow and the pipe does not block.
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
      pause(5);
    }
  }
}

/** The last words of a process: where they cannot be written there is nothing left to do. */
export function writeLast(descriptor: number, text: string): void {
  try {
    writeAll(descriptor, text);
  } catch {
    // Full, and so are the other streams or they have been tried.
  }
}

/** Of the whole process. */
export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Closes what has done its work, so that an error takes nothing away from that. */
export function closeAfter(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // Linux lets go of it all the same, as close(2) says.
  }
}

/** Not root; a group that this container does not have; a file system without owners. */
const NOT_OURS_TO_GIVE = ['EPERM', 'EINVAL', 'ENOSYS', 'ENOTSUP'];

/** Only root may give a file away; a file of any other user stays with that user, as with docker. */
export function giveTo(descriptor: number, { uid, gid }: Pick<Stats, 'uid' | 'gid'>): void {
  try {
    fchownSync(descriptor, uid, gid);
  } catch (error) {
    if (!NOT_OURS_TO_GIVE.some((code) => isErrno(error, code))) throw error;
  }
}

/** Puts a rename in it on the disk, where that can be done: it is done all the same. */
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

/** Never what a link in its place leads to. */
export function openDirectory(path: string): number {
  return openSync(path, constants.O_DIRECTORY | constants.O_NOFOLLOW);
}
