import { join } from 'node:path';
import { LOCKED, type LockOptions, sweepLock, withLock } from '../dockerconfig/lock.ts';
import type { Problem } from '../problem.ts';
import { readBounded } from './files/bounded-read.ts';
import { fault, readTarget } from './files/real-path.ts';
import type { Self } from './place/owner.ts';
import { openPlace } from './place/place.ts';

/**
 * npm expands `${…}` when it reads the file, so the file holds no token and never goes out of date.
 */
const LINE = `//npm.pkg.github.com/:_authToken=\${GITHUB_TOKEN}`;
const ANY_LINE = /^[ \t]*\/\/npm\.pkg\.github\.com\/:_(?:authToken|auth|password)[ \t]*=/m;

/**
 * Lets npm use GitHub's own registry with GITHUB_TOKEN. Keeps an existing line for that registry
 * and the rest of the file, and never touches a file that is not text.
 */
export async function addGithubNpm(
  home: string | undefined,
  self: Self,
  now: () => number,
  endsAt = Number.POSITIVE_INFINITY,
): Promise<{ readonly changed: boolean; readonly problems: readonly Problem[] }> {
  if (!home) return { changed: false, problems: [] };
  try {
    const { path, uid, as } = openPlace(home, self);
    const options = { now, uid, endsAt: Math.min(now() + WAIT_MS, endsAt) };
    const changed = await as(() => addLine(join(path, '.npmrc'), options));
    return { changed, problems: [] };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const errno = code === LOCKED ? 'it is locked by another process' : code;
    const what = `cannot be changed (${errno}); left unchanged`;
    const fix = `add this line yourself: ${LINE}`;
    const problem: Problem = { code: 'NPMRC_NOT_WRITABLE', subject: '~/.npmrc', what, fix };
    return { changed: false, problems: [problem] };
  }
}

/** The longest wait is for the lock of a process that was killed. */
const WAIT_MS = 3_500;

async function addLine(
  path: string,
  options: LockOptions & { readonly uid: number },
): Promise<boolean> {
  const { uid } = options;
  if (ANY_LINE.test(read(path, uid))) {
    sweepLock(path, options);
    return false;
  }
  return withLock(path, options, (replace) => {
    const current = read(path, uid);
    if (ANY_LINE.test(current)) return false;
    const newline = current.includes('\r\n') ? '\r\n' : '\n';
    const start = current === '' || current.endsWith('\n') ? current : current + newline;
    if (replace(start + LINE + newline, () => read(path, uid) === current)) return true;
    throw fault(LOCKED);
  });
}

function read(path: string, uid: number): string {
  try {
    return readBounded(readTarget(path, uid)).text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
