import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { closeAfter, writeAll } from './descriptor.ts';
import { findRealPath, isLedElsewhere } from './real-path.ts';

/** Thrown when the file is not the one any more that the new text was made from. */
export class FileChangedError extends Error {}

/**
 * Replaces a file's content in one step, or throws and leaves it as it was: temp file in the same
 * directory, fsync, rename, fsync of the directory. Links are followed; mode and owner stay; a new
 * file is 0600 and its directory's owner's. Root follows no link of another user's to what is not
 * theirs. `recheck` is called right before the rename, and throws FileChangedError when the file is
 * no longer what was read.
 *
 * Where `next` is the file that is written next, and in the same directory, that is synced then,
 * once for both. On ext4 and XFS the sync of the next text brings this rename along, so that after
 * a power cut the second is never there without the first.
 */
export function writeAtomically(path: string, text: string, { recheck, next }: Manner = {}): void {
  const target = findRealPath(path);
  const isSyncedLater = next !== undefined && dirname(findRealPath(next)) === dirname(target);
  inDirectory(dirname(target), (directory, descriptor) => {
    if (isLedElsewhere(path, { real: target, owner: fstatSync(descriptor).uid }))
      throw Object.assign(new Error("a link to what is not its owner's"), { code: 'EACCES' });
    const file = join(directory, basename(target));
    const temp = tempBeside(file);
    try {
      writeTemp(temp, text, findOwner(file, descriptor));
      recheck?.();
      renameSync(temp, file);
    } catch (error) {
      removeFile(temp);
      throw error;
    }
    if (!isSyncedLater) sync(descriptor);
  });
}

type Manner = { readonly recheck?: () => void; readonly next?: string };

const TEMP_END = '.tmp';

/** A new path beside a file's, swept as a leftover. Unguessable it need not be. */
export function tempBeside(file: string): string {
  const word = Math.random().toString(36).slice(2);
  return join(dirname(file), `.${basename(file)}.${word}${TEMP_END}`);
}

/**
 * Temp files beside these files that no run of ours will rename any more, where whoever writes
 * holds the lock.
 */
export function findLeftovers(paths: readonly string[]): string[] {
  const places = new Set(paths.map((path) => dirname(path)));
  const starts = paths.map((path) => `.${basename(path)}.`);
  const isOurs = (name: string) =>
    name.endsWith(TEMP_END) && starts.some((start) => name.startsWith(start));
  return [...places].flatMap((place) =>
    namesIn(place)
      .filter(isOurs)
      .map((name) => join(place, name)),
  );
}

function namesIn(directory: string): string[] {
  try {
    return existsSync(directory) ? readdirSync(directory) : [];
  } catch {
    return [];
  }
}

/**
 * Opens the directory, and names it by its descriptor where the system can: whoever may rename it,
 * or what leads to it, cannot send us elsewhere between two steps.
 */
function inDirectory(path: string, act: (directory: string, descriptor: number) => void): void {
  const descriptor = openSync(path, constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const name = `/proc/self/fd/${descriptor}`;
    act(existsSync(name) ? name : path, descriptor);
  } finally {
    closeAfter(descriptor);
  }
}

type Owner = Pick<Stats, 'uid' | 'gid' | 'mode'>;

/** Of the file that is there; else of whom its directory belongs to, for root in another's home. */
function findOwner(file: string, directory: number): Owner {
  const before = lstatSync(file, { throwIfNoEntry: false });
  return before ?? { ...fstatSync(directory), mode: 0o600 };
}

/** Owner and mode are set on the descriptor: the path may be somebody else's file by then. */
function writeTemp(temp: string, text: string, { uid, gid, mode }: Owner): void {
  const descriptor = openSync(temp, 'wx', 0o600);
  try {
    writeAll(descriptor, text);
    giveTo(descriptor, { uid, gid });
    fchmodSync(descriptor, mode & 0o777);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Only root may give a file away; for anybody else it is theirs already or stays with the one who
 * writes, as with docker. Throws where the disk fails: a user could not read a file of root's.
 */
function giveTo(descriptor: number, { uid, gid }: Pick<Owner, 'uid' | 'gid'>): void {
  const own = fstatSync(descriptor);
  if (own.uid === uid && own.gid === gid) return;
  try {
    fchownSync(descriptor, uid, gid);
  } catch (error) {
    if (!NOT_OURS_TO_GIVE.includes(`${(error as NodeJS.ErrnoException).code}`)) throw error;
  }
}

/** Not root; a user that this container does not have; a file system without owners. */
const NOT_OURS_TO_GIVE = ['EPERM', 'EINVAL', 'ENOSYS', 'ENOTSUP'];

/** Makes a directory for secrets, with what leads to it, each its parent's owner's. */
export function makeDirectory(path: string): void {
  const first = mkdirSync(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  const owner = statSync(dirname(first));
  for (const made of new Set([first, path])) {
    inDirectory(made, (_, descriptor) => giveTo(descriptor, owner));
  }
}

/** Removes a file if it is there, for good, and throws where it stays. */
export function removeSurely(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    inDirectory(findRealPath(dirname(path)), (_, descriptor) => sync(descriptor));
  } catch {
    // It is gone, and only a power cut could bring it back.
  }
}

/** Removes a file that the next run will remove, too. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Was never made, is gone, or stays.
  }
}

function sync(directory: number): void {
  try {
    fsyncSync(directory);
  } catch {
    // Some file systems cannot sync a directory; the rename is done.
  }
}
