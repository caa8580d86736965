import { statSync } from 'node:fs';
import { readRealPath, SHARED } from './real-path.ts';
import { readTracked } from './work-tree.ts';

const EVERYBODY_WRITES = 0o002;

/**
 * Whether a file of ours says what its user wrote there: it is theirs or root's, not everybody may
 * write it, and no repository brought it along. A codespace's shared folder has one user.
 */
export function isBelievable(path: string, uid: number): boolean {
  try {
    const real = readRealPath(path);
    if (real.startsWith(SHARED)) return true;
    const { uid: owner, mode } = statSync(real);
    return [0, uid].includes(owner) && (mode & EVERYBODY_WRITES) === 0 && !readTracked(real);
  } catch {
    return false;
  }
}
