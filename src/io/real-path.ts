import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The descriptors of this process, which it may follow as any user. */
export const DESCRIPTORS = '/proc/self/fd/';

/** More links than this in a row are a loop, as in Linux's own limit (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * The file behind the links of a path, also where they lead to nothing yet. Directories are left as
 * they are named, to the system. Throws EPLANTED for a link of another user than root and `uid`.
 */
export function readTarget(path: string, uid?: number): string {
  let current = path;
  for (let links = 0; links < MAX_LINKS; links += 1) {
    const stat = lstatSync(current, { throwIfNoEntry: false });
    if (!stat?.isSymbolicLink()) return current;
    if (uid !== undefined && ![0, uid].includes(stat.uid)) throw fault('EPLANTED');
    const target = readlinkSync(current);
    current = target.startsWith('/') ? target : `${dirname(current)}/${target}`;
  }
  throw fault('ELOOP');
}

/** A path without links, also of what is not there yet. */
export function readRealPath(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return readRealFolder(path);
  const target = readTarget(path);
  return join(readRealPath(dirname(target)), basename(target));
}

/** By its descriptor: root has no right to the way there while it acts as the owner. */
function readRealFolder(path: string): string {
  if (!path.startsWith(DESCRIPTORS)) return realpathSync.native(path);
  const opened = openSync(path, constants.O_DIRECTORY);
  try {
    return readlinkSync(`${DESCRIPTORS}${opened}`);
  } finally {
    closeSync(opened);
  }
}

/** The nearest directory that is there: what is missing would be made in it. */
export function readNearest(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })) return path;
  return readNearest(dirname(readTarget(path)));
}

export function fault(code: string): Error {
  return Object.assign(new Error(code), { code });
}
