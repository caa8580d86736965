import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Place, Self } from './owner.ts';

/**
 * Root acts as the owner of a place, so that no link or record there leads to what the owner may
 * not read or write. Any other user works as itself. Throws if the system does not let root act as
 * that user, or if any user may have made the place.
 */
export function openPlace(path: string, { uid, become }: Self): Place {
  const own: Place = { path, uid, isForeign: false, as: (action) => action() };
  if (uid !== 0 || !become || isRoots(path)) return own;
  const owner: typeof import('./owner.ts') = require('./owner.ts');
  return owner.openOther(own, become);
}

/** Whether root owns the directory and all above, without links. */
function isRoots(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat && (stat.uid !== 0 || stat.isSymbolicLink())) return false;
  return path === dirname(path) || isRoots(dirname(path));
}
