import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The descriptors of this process, which it may follow as any user. */
export const DESCRIPTORS = '/proc/self/fd/';

/** More links than this in a row count as a loop: Linux's own limit (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * The file that a path's links lead to, even if it does not exist yet. The system resolves links of
 * its directories. Throws EPLANTED for a link that belongs to neither root nor `uid`.
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

/** A path without links, even if it does not exist yet. */
export function readRealPath(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return readRealFolder(path);
  const target = readTarget(path);
  return join(readRealPath(dirname(target)), basename(target));
}

/** By descriptor: while it acts as the owner, root may have no right to the way there. */
function readRealFolder(path: string): string {
  if (!path.startsWith(DESCRIPTORS)) return realpathSync.native(path);
  const opened = openSync(path, constants.O_DIRECTORY);
  try {
    return readlinkSync(`${DESCRIPTORS}${opened}`);
  } finally {
    closeSync(opened);
  }
}

/** The nearest directory that exists: we would make the missing ones in it. */
export function readNearest(path: string): { readonly path: string; readonly stat: Stats } {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? { path, stat } : readNearest(dirname(readTarget(path)));
}

export function fault(code: string): Error {
  return Object.assign(new Error(code), { code });
}
