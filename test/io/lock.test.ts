import {
  closeSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { LockBusyError, withLock } from '../../src/io/lock.ts';
import { DEAD_LOCK } from '../support/lock.ts';
import { scratchHome } from '../support/process.ts';

const PATIENCE = { now: Date.now, waitMs: 0, staleMs: 60_000 };

/** The descriptors by which this process has a file open, removed or not. */
function descriptorsOf(path: string): number[] {
  const isOfPath = (name: string) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith(path);
    } catch {
      // The one that this folder was read by.
      return false;
    }
  };
  return readdirSync('/proc/self/fd').filter(isOfPath).map(Number);
}

test('a lock is there and open as long as the action takes, however it ends', async () => {
  const path = join(scratchHome(), 'lock');
  const look = () => [existsSync(path), descriptorsOf(path).length];
  expect(await withLock(path, PATIENCE, look)).toEqual([true, 1]);
  expect(look()).toEqual([false, 0]);
  const fail = () => Promise.reject(new Error('a problem'));
  await expect(withLock(path, PATIENCE, fail)).rejects.toThrow('a problem');
  expect(look()).toEqual([false, 0]);
});

test("another's lock stays, also where its number is ours, as in another container", async () => {
  const path = join(scratchHome(), 'lock');
  await withLock(path, PATIENCE, () => {
    const number = readFileSync(path, 'utf8');
    rmSync(path);
    writeFileSync(path, number);
  });
  expect([existsSync(path), descriptorsOf(path)]).toEqual([true, []]);
});

test.each([
  ['of a dead process of this container, goes', DEAD_LOCK, 0, 'done'],
  ["of another container's process is waited for", '4194305 pid:[1]', 7_000, 'busy'],
  ["of another container's process goes at last", '4194305 pid:[1]', 9_000, 'done'],
  ['that is just being written is waited for', '', 500, 'busy'],
  ['whose maker never said who it is goes after a second', '', 1_500, 'done'],
  ['of an older version, too', '4194305', 1_500, 'done'],
])('a lock %s', async (_, text, age, end) => {
  const path = join(scratchHome(), 'lock');
  writeFileSync(path, text);
  const made = statSync(path).mtimeMs;
  const patience = { now: () => made + age, waitMs: 0, staleMs: 8_000 };
  const done = withLock(path, patience, () => 'done');
  expect(await done.catch((error) => (error instanceof LockBusyError ? 'busy' : error))).toBe(end);
});

test.each<[string, (path: string) => void]>([
  ['has gone', (path) => rmSync(path)],
  ['cannot be looked at any more', (path) => descriptorsOf(path).map((one) => closeSync(one))],
])('a lock that %s takes nothing away from what was done', async (_, lose) => {
  const path = join(scratchHome(), 'lock');
  const done = () => {
    lose(path);
    return 'done';
  };
  expect(await withLock(path, PATIENCE, done)).toBe('done');
});
