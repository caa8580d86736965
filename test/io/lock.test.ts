import {
  closeSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { withLock } from '../../src/io/lock.ts';
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
