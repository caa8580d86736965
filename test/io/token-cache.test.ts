import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { withLock } from '../../src/dockerconfig/lock.ts';
import {
  openTokenCache,
  readNewestToken,
  renderToken,
  type Token,
  tokenFile,
} from '../../src/io/token-cache.ts';
import { testInMemory } from '../process/support/ecr-scene.ts';

const MEMORY = '/dev/shm';
const UID = process.getuid?.() ?? 0;
/** A user that nobody is. */
const STRANGER = 2_000_000_000 + process.pid;

const existed = existsSync(ownDirectory(MEMORY));
const folders: string[] = [ownDirectory(MEMORY, STRANGER)];
afterAll(() => {
  if (!existed) folders.push(ownDirectory(MEMORY));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function ownDirectory(base: string, uid = UID): string {
  return join(base, `registry-auth-${uid}`);
}

/** A directory as XDG_RUNTIME_DIR names one. */
function makeRuntime(): string {
  const runtime = mkdtempSync(join(MEMORY, 'registry-auth-test-'));
  folders.push(runtime);
  return runtime;
}

/** As a pull does that exchanged keys. */
async function writeToken(path: string, token: Token): Promise<void> {
  const options = { now: Date.now, waitMs: 0, staleMs: 1_000 };
  await withLock(path, options, (put) => put(renderToken(token)));
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('the cache', () => {
  testInMemory('is in XDG_RUNTIME_DIR, 0700 with files of 0600', async () => {
    const runtime = makeRuntime();
    const cache = openTokenCache({ XDG_RUNTIME_DIR: runtime }, UID);
    expect(cache).toEqual({ directory: ownDirectory(runtime) });
    const file = tokenFile({ directory: ownDirectory(runtime) }, 'host', ['key']);
    await writeToken(file, makeToken('password', 1));
    expect([ownDirectory(runtime), file].map(modeOf)).toEqual(['700', '600']);
  });

  testInMemory('that others could read is closed', () => {
    const runtime = makeRuntime();
    mkdirSync(ownDirectory(runtime), { mode: 0o755 });
    openTokenCache({ XDG_RUNTIME_DIR: runtime }, UID);
    expect(modeOf(ownDirectory(runtime))).toBe('700');
  });

  for (const [name, runtime] of [
    ['is on a disk', '/proc'],
    ['is not there', join(MEMORY, 'not-there')],
    ['is not named', undefined],
    ['is empty', ''],
  ])
    testInMemory(`is in the shared memory when XDG_RUNTIME_DIR ${name}`, () => {
      const cache = openTokenCache({ XDG_RUNTIME_DIR: runtime }, UID);
      expect(cache).toEqual({ directory: ownDirectory(MEMORY) });
    });

  testInMemory("is nowhere when the directory is another user's", () => {
    const runtime = makeRuntime();
    // Made by this process, which the stranger is not.
    mkdirSync(ownDirectory(runtime, STRANGER), { mode: 0o700 });
    mkdirSync(ownDirectory(MEMORY, STRANGER), { mode: 0o700 });
    expect(openTokenCache({ XDG_RUNTIME_DIR: runtime }, STRANGER)).toBeUndefined();
  });

  testInMemory('is not behind a link, nor in the place of a file', () => {
    const [linked, taken, elsewhere] = [makeRuntime(), makeRuntime(), makeRuntime()];
    symlinkSync(elsewhere, ownDirectory(linked));
    writeFileSync(ownDirectory(taken), '');
    for (const runtime of [linked, taken]) {
      const cache = openTokenCache({ XDG_RUNTIME_DIR: runtime }, UID);
      expect(cache).toEqual({ directory: ownDirectory(MEMORY) });
    }
  });
});

function makeToken(secret: string, expiresAt: number): Token {
  return { user: 'AWS', secret, issuedAt: 0, expiresAt };
}

describe('a shell without keys', () => {
  testInMemory('finds the token of the host that lives longest, past damaged files', async () => {
    const cache = { directory: makeRuntime() };
    const put = (host: string, key: string, token: Token) =>
      writeToken(tokenFile(cache, host, [key]), token);
    await put('host', 'one', makeToken('lives', 20));
    await put('host', 'two', makeToken('lives longest', 30));
    await put('host', 'three', makeToken('is dead', 10));
    await put('other', 'one', makeToken('is for another host', 40));
    writeFileSync(tokenFile(cache, 'host', ['four']), '{');
    expect(readNewestToken(cache, 'host', 10)).toMatchObject({ secret: 'lives longest' });
    expect(readNewestToken(cache, 'host', 30)).toBeUndefined();
  });

  test('finds nothing in a cache that is not there', () => {
    expect(readNewestToken({ directory: join(MEMORY, 'not-there') }, 'host', 0)).toBeUndefined();
  });
});
