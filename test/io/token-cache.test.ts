import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import {
  forgetTokens,
  keepTokens,
  openTokenCache,
  readNewestToken,
  type Token,
  type TokenCache,
  tokenFile,
} from '../../src/io/token-cache.ts';
import { fetchInTurn } from '../../src/providers/on-demand/made.ts';
import { MEMORY, makeRuntime, testInMemory } from '../support/memory.ts';

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

function open(runtime: string | undefined): TokenCache {
  const cache = openTokenCache({ XDG_RUNTIME_DIR: runtime }, UID);
  if (!cache) throw new Error('no cache');
  return cache;
}

/** Where a directory is that is known by its descriptor. */
const placeOf = ({ directory }: TokenCache) => realpathSync(directory);

/** As a pull does that exchanged keys. */
async function writeToken(path: string, token: Token): Promise<void> {
  const turn = { now: Date.now, waitMs: 0, isFresh: () => false };
  await fetchInTurn(path, turn, async () => ({ token }));
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('the cache', () => {
  testInMemory('is in XDG_RUNTIME_DIR, 0700 with files of 0600', async () => {
    const runtime = makeRuntime();
    const cache = open(runtime);
    expect(placeOf(cache)).toBe(ownDirectory(runtime));
    await writeToken(tokenFile(cache, 'host', ['key']), makeToken('password', 1));
    const file = tokenFile({ directory: ownDirectory(runtime) }, 'host', ['key']);
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
      expect(placeOf(open(runtime))).toBe(ownDirectory(MEMORY));
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
    for (const runtime of [linked, taken])
      expect(openTokenCache({ XDG_RUNTIME_DIR: runtime }, UID)).toBeUndefined();
  });

  testInMemory('is in one place, also before it is made', () => {
    const runtime = makeRuntime();
    mkdirSync(ownDirectory(MEMORY), { recursive: true, mode: 0o700 });
    // What is there is of a shell without the variable: no logout of this one removes it.
    expect(openTokenCache({ XDG_RUNTIME_DIR: runtime }, UID, false)).toBeUndefined();
    expect(readdirSync(runtime)).toEqual([]);
  });

  testInMemory('is in no directory in which another user could exchange it', () => {
    const runtime = makeRuntime();
    chmodSync(runtime, 0o777);
    expect(placeOf(open(runtime))).toBe(ownDirectory(MEMORY));
    expect(readdirSync(runtime)).toEqual([]);
    // As /dev/shm is: only its owner moves what is in it.
    chmodSync(runtime, 0o1777);
    expect(placeOf(open(runtime))).toBe(ownDirectory(runtime));
  });

  testInMemory('is not in a directory of another user, who could exchange it', () => {
    const runtime = makeRuntime();
    // Root in another user's, and another user in ours.
    if (UID === 0) chownSync(runtime, STRANGER, STRANGER);
    openTokenCache({ XDG_RUNTIME_DIR: runtime }, UID === 0 ? UID : STRANGER);
    expect(readdirSync(runtime)).toEqual([]);
  });
});

describe('a directory that is exchanged after it was opened', () => {
  /** What another user put in its place: a link to a folder of ours, with a file like a token. */
  function exchanged() {
    const runtime = makeRuntime();
    const cache = open(runtime);
    const file = tokenFile(cache, 'host', ['key']);
    const [moved, other] = [join(runtime, 'moved'), join(runtime, 'other')];
    renameSync(ownDirectory(runtime), moved);
    mkdirSync(other);
    writeFileSync(join(other, basename(file)), 'our own');
    symlinkSync(other, ownDirectory(runtime));
    return { cache, file, moved, other };
  }

  testInMemory('gets no token', async () => {
    const { file, moved, other } = exchanged();
    await writeToken(file, makeToken('password', 1));
    expect(readdirSync(moved)).toEqual([basename(file)]);
    expect(readFileSync(join(other, basename(file)), 'utf8')).toBe('our own');
  });

  testInMemory('loses no file', () => {
    const { cache, file, other } = exchanged();
    expect([forgetTokens(cache, 'host'), keepTokens(cache, [])]).toEqual([0, 0]);
    expect(readdirSync(other)).toEqual([basename(file)]);
  });
});

test('what is no token of ours is not removed', () => {
  const cache = { directory: makeRuntime() };
  const file = tokenFile(cache, 'host', ['key']);
  mkdirSync(tokenFile(cache, 'host', ['another']));
  for (const name of ['notes.json', 'shown-1', `${basename(file)}x`])
    writeFileSync(join(cache.directory, name), '');
  mkdirSync(`${file}.lock`);
  for (const path of [file, `${file}.lock/unfinished`]) writeFileSync(path, '');
  expect(keepTokens(cache, [])).toBe(1);
  expect(readdirSync(cache.directory).sort()).toEqual(
    [
      'notes.json',
      'shown-1',
      `${basename(file)}x`,
      basename(tokenFile(cache, 'host', ['another'])),
    ].sort(),
  );
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
