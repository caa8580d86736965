import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { LOCKED, type Replace, sweepLock, withLock } from '../../src/dockerconfig/lock.ts';
import { age, leaveLock, lockOf } from '../support/lock.ts';
import { testWith } from '../support/needs.ts';
import { scratchHome } from '../support/process.ts';

const PATIENCE = { now: Date.now, endsAt: 0 };
const patient = (waitMs = 5_000) => ({ now: Date.now, endsAt: Date.now() + waitMs });

/** A file in a folder of its own. */
function scratchFile(text = 'old'): string {
  return join(scratchHome({ 'config.json': text }), 'config.json');
}

const namesBeside = (path: string) => readdirSync(join(path, '..')).sort();
const read = (path: string) => readFileSync(path, 'utf8');
const replace = (path: string, text: string, isStill?: () => boolean) =>
  withLock(path, PATIENCE, (put) => put(text, isStill));

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

/** What becomes of a run that finds this lock. */
async function outcomeOf(path: string, patience = PATIENCE): Promise<string> {
  const done = withLock(path, patience, () => 'done');
  return done.catch((error) => (error.code === LOCKED ? 'busy' : error));
}

test('a lock is there and open as long as the action takes, however it ends', async () => {
  const path = scratchFile();
  const lock = lockOf(path);
  const look = () => [existsSync(lock), descriptorsOf(lock).length];
  expect(await withLock(path, PATIENCE, look)).toEqual([true, 1]);
  expect(look()).toEqual([false, 0]);
  const fail = () => Promise.reject(new Error('a problem'));
  await expect(withLock(path, PATIENCE, fail)).rejects.toThrow('a problem');
  expect(look()).toEqual([false, 0]);
});

test('a lock is for the user alone, and beside the file that links lead to', async () => {
  const path = scratchFile();
  const link = join(scratchHome(), 'link');
  symlinkSync(path, link);
  const look = () => (statSync(lockOf(path)).mode & 0o777).toString(8);
  expect(await withLock(link, PATIENCE, look)).toBe('700');
  expect(namesBeside(link)).toEqual(['link']);
});

test('a lock that another run made meanwhile stays', async () => {
  const path = scratchFile();
  await withLock(path, PATIENCE, () => {
    rmSync(lockOf(path), { recursive: true });
    leaveLock(path, 0, "another's");
  });
  const [name = ''] = readdirSync(lockOf(path));
  expect(read(join(lockOf(path), name))).toBe("another's");
  expect(descriptorsOf(lockOf(path))).toEqual([]);
});

describe('a lock', () => {
  test.each([
    ['that was made just now is waited for', 0, 'busy'],
    ['of a living process is waited for', 2_900, 'busy'],
    ['of one that was killed goes', 3_100, 'done'],
    ['that is ten seconds old goes', 10_000, 'done'],
    ['that is older than any clock goes', 1e12, 'done'],
    ['that a clock made a moment ahead is waited for', -2_900, 'busy'],
    ['from the future, made before a clock was set back, goes', -3_100, 'done'],
    ['from far in the future goes', -1e12, 'done'],
  ])('%s', async (_, ageMs, end) => {
    const path = scratchFile();
    leaveLock(path, ageMs);
    const { mtimeMs } = lstatSync(lockOf(path));
    const patience = { ...PATIENCE, now: () => mtimeMs + ageMs };
    expect(await outcomeOf(path, patience)).toBe(end);
    expect([read(path), existsSync(lockOf(path))]).toEqual(['old', end === 'busy']);
  });

  test('that is held for long shows that its process lives', async () => {
    const path = scratchFile();
    await withLock(path, PATIENCE, async (_, waitFor) => {
      age(lockOf(path), 2_900);
      await waitFor(new Promise((done) => setTimeout(done, 1_300)));
      expect(Date.now() - statSync(lockOf(path)).mtimeMs).toBeLessThan(2_900);
    });
  });

  test('that is given back in time is only waited for', async () => {
    const path = scratchFile();
    const first = withLock(path, PATIENCE, async (put) => {
      await new Promise((done) => setTimeout(done, 100));
      return put(`${read(path)} 1`);
    });
    const second = withLock(path, patient(), (put) => put(`${read(path)} 2`));
    expect(await Promise.all([first, second])).toEqual([true, true]);
    expect([read(path), namesBeside(path)]).toEqual(['old 1 2', ['config.json']]);
  });

  test('that nobody gives back is waited for as long as was said', async () => {
    const path = scratchFile();
    leaveLock(path, -600_000);
    const start = Date.now();
    const ahead = { now: () => Date.now() + 600_000, endsAt: start + 600_300 };
    expect(await outcomeOf(path, ahead)).toBe('busy');
    const took = Date.now() - start;
    expect([took >= 300, took < 3_000]).toEqual([true, true]);
  });
});

/** What may stand at the lock's name without being a lock of ours. */
const STRANGE: [name: string, put: (lock: string) => void][] = [
  ['an empty file', (lock) => writeFileSync(lock, '')],
  ['a file with text', (lock) => writeFileSync(lock, '4194305 pid:[1]')],
  ['a link to a file', (lock) => symlinkSync('config.json', lock)],
  ['a link to a directory', (lock) => symlinkSync('/', lock)],
  ['a link to nothing', (lock) => symlinkSync('nothing', lock)],
  ['a link to itself', (lock) => symlinkSync('config.json.lock', lock)],
  ['a named pipe', (lock) => execFileSync('mkfifo', [lock])],
];

describe('at the name of the lock', () => {
  test('an empty directory is waited for, and goes when it is old', async () => {
    const path = scratchFile();
    mkdirSync(lockOf(path));
    expect([await outcomeOf(path), namesBeside(path)]).toEqual([
      'busy',
      ['config.json', 'config.json.lock'],
    ]);
    const late = { ...PATIENCE, now: () => Date.now() + 10_000 };
    sweepLock(path, late);
    expect([namesBeside(path), read(path)]).toEqual([['config.json'], 'old']);
    mkdirSync(lockOf(path));
    expect(await outcomeOf(path, late)).toBe('done');
    expect([namesBeside(path), read(path)]).toEqual([['config.json'], 'old']);
  });

  test.each(STRANGE)('%s is no lock of ours: it stays, however old it is', async (_, put) => {
    const path = scratchFile();
    put(lockOf(path));
    // It does not go by waiting.
    const late = { ...patient(15_000), now: () => Date.now() + 10_000 };
    for (const patience of [PATIENCE, late]) expect(await outcomeOf(path, patience)).toBe('busy');
    sweepLock(path, late);
    expect([namesBeside(path), read(path)]).toEqual([['config.json', 'config.json.lock'], 'old']);
  });

  test("another program's lock beside what a link leads to stays", async () => {
    const folder = scratchHome({ 'project/Cargo': 'old', 'project/Cargo.lock': 'of cargo' });
    symlinkSync('project/Cargo', join(folder, 'config.json'));
    sweepLock(join(folder, 'config.json'), { ...PATIENCE, now: () => Date.now() + 10_000 });
    expect(read(join(folder, 'project/Cargo.lock'))).toBe('of cargo');
  });

  test.each<[string, (lock: string) => void]>([
    ['a file of another name', (lock) => writeFileSync(join(lock, 'notes.txt'), 'notes')],
    ['a directory', (lock) => mkdirSync(join(lock, 'folder/deep'), { recursive: true })],
  ])('a directory that holds %s stays, however old it is', async (_, fill) => {
    const path = scratchFile();
    const lock = lockOf(path);
    mkdirSync(lock);
    fill(lock);
    const before = readdirSync(lock, { recursive: true });
    const late = { ...patient(15_000), now: () => Date.now() + 10_000 };
    // It does not go by waiting.
    expect(await outcomeOf(path, late)).toBe('busy');
    sweepLock(path, late);
    expect([readdirSync(lock, { recursive: true }), read(path)]).toEqual([before, 'old']);
  });
});

test('what is swept is the lock of a dead process alone, and nothing is no trouble', () => {
  const path = scratchFile();
  sweepLock(path, PATIENCE);
  leaveLock(path, 0);
  sweepLock(path, PATIENCE);
  expect(namesBeside(path)).toEqual(['config.json', 'config.json.lock']);
  age(lockOf(path), 3_100);
  sweepLock(path, PATIENCE);
  expect(namesBeside(path)).toEqual(['config.json']);
  sweepLock(join(path, 'below/a/file'), PATIENCE);
});

test.each<[string, (lock: string) => void]>([
  ['has gone', (lock) => rmSync(lock, { recursive: true })],
  ['cannot be looked at any more', (lock) => descriptorsOf(lock).map((one) => closeSync(one))],
])('a lock that %s takes nothing away from what was done', async (_, lose) => {
  const path = scratchFile();
  const done = () => {
    lose(lockOf(path));
    return 'done';
  };
  expect(await withLock(path, PATIENCE, done)).toBe('done');
});

describe('a process that is stopped, and taken for dead by another one', () => {
  /** Another run, of which this one sees nothing: it does what one does that finds the lock old. */
  function overtake(path: string, text: string): void {
    rmSync(lockOf(path), { recursive: true });
    writeFileSync(path, text);
  }

  test('before it writes, does it all again', async () => {
    const path = scratchFile();
    let runs = 0;
    const done = await withLock(path, patient(), (put) => {
      runs += 1;
      const before = read(path);
      if (runs === 1) overtake(path, 'theirs');
      return put(`${before} and ours`);
    });
    expect([done, runs, read(path)]).toEqual([true, 2, 'theirs and ours']);
    expect(namesBeside(path)).toEqual(['config.json']);
  });

  test('between its new file and the rename, does it all again', async () => {
    const path = scratchFile();
    let runs = 0;
    const done = await withLock(path, patient(), (put) => {
      runs += 1;
      const before = read(path);
      return put(`${before} and ours`, () => {
        if (runs === 1) overtake(path, 'theirs');
        // It was as it should be, a moment before.
        return true;
      });
    });
    expect([done, runs, read(path)]).toEqual([true, 2, 'theirs and ours']);
    expect(namesBeside(path)).toEqual(['config.json']);
  });

  test("puts neither its old text nor another's unfinished file in place", async () => {
    const path = scratchFile();
    const seen: string[] = [];
    const done = await withLock(path, patient(), (put) => {
      seen.push(read(path));
      return put('ours', () => {
        if (seen.length > 1) return true;
        overtake(path, 'theirs');
        // A third run is writing just now, and is killed at that.
        const own = leaveLock(path, 2_800, 'half a f');
        for (const name of ['0', 'new']) writeFileSync(join(own, name), 'half a f');
        age(own, 2_800);
        return true;
      });
    });
    expect([done, seen, read(path)]).toEqual([true, ['old', 'theirs'], 'ours']);
    expect(namesBeside(path)).toEqual(['config.json']);
  });

  test('removes no file of those that came after', async () => {
    const path = scratchFile();
    let runs = 0;
    await withLock(path, patient(), (put) => {
      runs += 1;
      if (runs > 1) return;
      overtake(path, 'theirs');
      put(undefined);
    });
    expect([runs, read(path), namesBeside(path)]).toEqual([2, 'theirs', ['config.json']]);
  });

  test('again and again, gives up when its time is over', async () => {
    const path = scratchFile();
    const fail = withLock(path, patient(200), async (put) => {
      rmSync(lockOf(path), { recursive: true });
      await new Promise((done) => setTimeout(done, 20));
      return put('ours');
    });
    await expect(fail).rejects.toMatchObject({ code: LOCKED });
    expect([read(path), namesBeside(path)]).toEqual(['old', ['config.json']]);
  });
});

test('of many runs at once that find a dead lock, each has it once, and none loses a text', async () => {
  const path = scratchFile('');
  leaveLock(path);
  const names = Array.from({ length: 30 }, (_, index) => `${index}`);
  const add = (name: string) =>
    withLock(path, patient(), async (put) => {
      const before = read(path);
      await new Promise((done) => setTimeout(done, 1));
      put(`${before}${name};`, () => read(path) === before);
    });
  await Promise.all(names.map(add));
  expect(read(path).split(';').filter(Boolean).sort()).toEqual([...names].sort());
  expect(namesBeside(path)).toEqual(['config.json']);
});

const ROOT = { missing: process.getuid?.() === 0 ? undefined : 'only root may give a file away' };
const SOMEBODY = 65_534;

function ownerOf(path: string) {
  const { uid, gid, mode } = statSync(path);
  return { uid, gid, mode: (mode & 0o7777).toString(8) };
}

describe('a file of root', () => {
  testWith([ROOT], 'keeps its group and its mode, but no bits that give rights', async () => {
    const path = scratchFile('{}');
    chownSync(path, 0, SOMEBODY);
    chmodSync(path, 0o4640);
    await replace(path, '{"a":1}');
    expect(ownerOf(path)).toEqual({ uid: 0, gid: SOMEBODY, mode: '640' });
  });

  testWith([ROOT], 'keeps no mode where another user may have put it there', async () => {
    const path = scratchFile('{}');
    chmodSync(path, 0o644);
    chmodSync(dirname(path), 0o770);
    await withLock(path, { ...PATIENCE, uid: 0 }, (put) => put('{"a":1}'));
    expect(ownerOf(path)).toEqual({ uid: 0, gid: 0, mode: '600' });
  });

  testWith(
    [ROOT],
    'is not given to whom another file is, nor read by all as that one',
    async () => {
      for (const isTheDirectoryTheirs of [false, true]) {
        const path = scratchFile('{}');
        if (isTheDirectoryTheirs) chownSync(dirname(path), SOMEBODY, SOMEBODY);
        chownSync(path, SOMEBODY, SOMEBODY);
        chmodSync(path, 0o666);
        await withLock(path, { ...PATIENCE, uid: 0 }, (put) => put('{"a":1}'));
        expect(ownerOf(path)).toEqual({ uid: 0, gid: 0, mode: '600' });
      }
    },
  );
});

test('who renames the directory between two steps does not lead us elsewhere', async () => {
  const home = scratchHome({ 'docker/config.json': '{}', 'elsewhere/config.json': 'theirs' });
  const isStill = () => {
    renameSync(join(home, 'docker'), join(home, 'moved'));
    symlinkSync('elsewhere', join(home, 'docker'));
    return true;
  };
  expect(await replace(join(home, 'docker/config.json'), '{"a":1}', isStill)).toBe(true);
  expect(read(join(home, 'elsewhere/config.json'))).toBe('theirs');
  expect(read(join(home, 'moved/config.json'))).toBe('{"a":1}');
  expect(readdirSync(join(home, 'moved'))).toEqual(['config.json']);
});

describe('a write', () => {
  test('that is called off leaves the file, and nothing beside it', async () => {
    const path = scratchFile();
    expect(await replace(path, 'x', () => false)).toBe(false);
    const fail = () => {
      throw new Error('not readable');
    };
    await expect(replace(path, 'x', fail)).rejects.toThrow('not readable');
    expect([read(path), namesBeside(path)]).toEqual(['old', ['config.json']]);
  });

  test('may be made again after it was called off, under the same lock', async () => {
    const path = scratchFile();
    const twice = (put: Replace) => [put('one', () => false), put('two')];
    expect(await withLock(path, PATIENCE, twice)).toEqual([false, true]);
    expect([read(path), namesBeside(path)]).toEqual(['two', ['config.json']]);
  });

  test('of nothing removes the file, and what is not there is no trouble', async () => {
    const path = scratchFile();
    for (let time = 0; time < 2; time += 1) {
      await withLock(path, PATIENCE, (put) => put(undefined));
      expect(namesBeside(path)).toEqual([]);
    }
  });

  test('of a directory in place of the file, or below a file, is an error', async () => {
    const home = scratchHome({ file: 'same' });
    mkdirSync(join(home, 'folder'));
    await expect(replace(join(home, 'folder'), 'x')).rejects.toThrow('EISDIR');
    await expect(replace(join(home, 'file/config.json'), 'x')).rejects.toThrow('ENOTDIR');
    expect([readdirSync(home).sort(), read(join(home, 'file'))]).toEqual([
      ['file', 'folder'],
      'same',
    ]);
  });
});

test("owners and modes are set on descriptors: a path may be somebody else's by then", () => {
  for (const name of ['lock', 'file']) {
    const text = read(join(__dirname, `../../src/dockerconfig/${name}.ts`));
    expect(text).not.toMatch(/\b(?:l?chown|chmod|lutimes)Sync\(/);
  }
});
