import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** More links than this in a row are a loop, as in Linux's own limit (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * The file behind a path, through links of the file and of its directories, also where they lead to
 * nothing yet.
 */
export function readRealPath(path: string): string {
  let current = path;
  for (let links = 0; links < MAX_LINKS; links += 1) {
    const stat = lstatSync(current, { throwIfNoEntry: false });
    if (!stat?.isSymbolicLink())
      return stat
        ? realpathSync.native(current)
        : join(readRealDirectory(dirname(current)), basename(current));
    current = resolve(readRealDirectory(dirname(current)), readlinkSync(current));
  }
  throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
}

function readRealDirectory(path: string): string {
  return path === dirname(path) ? path : readRealPath(path);
}

/** The nearest directory that is there: what is missing would be made in it. */
export function readNearest(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) ? path : readNearest(dirname(path));
}

/** Where a codespace keeps what `~/.docker` leads to; its owners are not the user's to set. */
export const SHARED = '/workspaces/.codespaces/';

/**
 * Whether root, for a path in another user's directory, is led by a link to what that user does not
 * own. `opened` is where the path leads and who owns the directory there, where it is open already:
 * then nobody can exchange it any more.
 */
export function isLedElsewhere(
  path: string,
  opened?: { readonly real: string; readonly owner: number },
): boolean {
  // What /proc/self leads to belongs to the user of the process.
  const isRoot = statSync('/proc/self', { throwIfNoEntry: false })?.uid === 0;
  const user = isRoot ? readPlaceOwner(dirname(path)) : 0;
  if (user === 0) return false;
  const real = opened?.real ?? readRealPath(path);
  const owner = opened?.owner ?? readPlaceOwner(dirname(real));
  return user !== owner && !real.startsWith(SHARED);
}

/** The owner of a directory or link, or of the nearest one above where nothing is there. */
function readPlaceOwner(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.uid ?? readPlaceOwner(dirname(path));
}
