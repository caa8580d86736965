import { lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Place, Self } from './owner.ts';

/**
 * Root acts as the owner of a place, so that nothing there, no link and no record, leads to what its
 * owner may not read or write. Any other user works in a place as it is. Throws where the system
 * does not let root act as that user.
 */
export function openPlace(path: string, { uid, become }: Self): Place {
  const own = { path, uid, isForeign: false, isBelowOpen: false, as: actAsSelf };
  if (uid !== 0 || !become || isRoots(path)) return own;
  const owner: typeof import('./owner.ts') = require('./owner.ts');
  return owner.openOther(own, become);
}

const actAsSelf: Place['as'] = (action) => action();

/** Whether root alone leads to a directory, and without a link. */
function isRoots(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat && (stat.uid !== 0 || stat.isSymbolicLink())) return false;
  return path === dirname(path) || isRoots(dirname(path));
}
