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

/** Where a codespace keeps what `~/.docker` leads to; its owners are not the user's to set. */
export const SHARED = '/workspaces/.codespaces/';

/** Where a path leads, and whose the directory there is. */
type RealPlace = { readonly real: string; readonly owner: number };

/**
 * Whether root, for a path in a place of another user's, is led by a link to what is not theirs.
 * What is open already is given: it cannot be exchanged any more, as what is looked at can.
 */
export function isLedElsewhere(path: string, opened?: RealPlace): boolean {
  const host = readHost(path);
  if (host === undefined) return false;
  const { real, owner } = opened ?? readPlace(path);
  return host !== owner && !real.startsWith(SHARED);
}

function readPlace(path: string): RealPlace {
  const real = readRealPath(path);
  return { real, owner: readPlaceOwner(dirname(real)) };
}

/** The other user in whose place root is with a path. */
function readHost(path: string): number | undefined {
  return isRoot() ? readPlaceOwner(dirname(path)) || undefined : undefined;
}

/** As Linux tells it: what /proc/self leads to is its process's user's. */
function isRoot(): boolean {
  return statSync('/proc/self', { throwIfNoEntry: false })?.uid === 0;
}

/** The owner of a directory or link, or of the nearest one above where nothing is there. */
function readPlaceOwner(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.uid ?? readPlaceOwner(dirname(path));
}
