import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { leaveLock } from '../support/lock.ts';
import { testWith } from '../support/needs.ts';
import { CANARY, expectNoSecret, scratchHome } from '../support/process.ts';
import { triple } from '../support/triples.ts';
import { appliedHome, CONFIG, GOOD, LOGINS, loginsIn, newCli, readHome } from './support/cli.ts';
import { helper, refused } from './support/helper.ts';

/** Who else can read or change what we write. */
const cli = newCli();
const ROTATED = triple('GOOD', 'good.example', 'ada', 'a-newer-password');
const modeOf = (path: string) => statSync(path).mode & 0o777;

let home: string;
beforeEach(async () => {
  home = await appliedHome(cli, GOOD);
});

describe('a config.json that others may read', () => {
  const SAID =
    '~/.docker/config.json: is open to other users [CONFIG_EXPOSED]\n' +
    '  fix: run chmod go-rwx ~/.docker/config.json\n';

  test.each(['apply', 'status', 'hook postStart'])(
    'is said by %s, and keeps its mode',
    async (words) => {
      chmodSync(join(home, CONFIG), 0o644);
      // Of a secret that has changed status would have more to tell.
      const env = words === 'status' ? GOOD : ROTATED;
      const { status, stderr } = await cli(words.split(' '), { home, env });
      expect([status, stderr.replace('registry-auth: ', '')]).toEqual([0, SAID]);
      expect(modeOf(join(home, CONFIG))).toBe(0o644);
    },
  );

  test('is not spoken of where nothing of ours is in it', async () => {
    const bare = scratchHome({ [CONFIG]: '{}' });
    chmodSync(join(bare, CONFIG), 0o644);
    expect(await cli(['apply'], { home: bare })).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('a directory that others may write to', () => {
  test('is said where that is a group', async () => {
    chmodSync(join(home, '.docker'), 0o775);
    const { status, stderr } = await cli(['apply'], { home, env: ROTATED });
    expect([status, stderr]).toEqual([
      0,
      '~/.docker/config.json: is in a directory that other users can write to [CONFIG_EXPOSED]\n' +
        '  fix: run chmod go-w ~/.docker\n',
    ]);
  });

  test.each(['apply', 'hook postStart', 'logout'])(
    'is written to by nobody where that is everybody: %s',
    async (words) => {
      chmodSync(join(home, '.docker'), 0o777);
      const before = readHome(home, CONFIG);
      const { status, stderr } = await cli(words.split(' '), { home, env: ROTATED });
      expect(status).toBe(words.startsWith('hook') ? 0 : 1);
      expect(stderr).toContain('is in a directory that everyone can write to; left unchanged');
      expect(readHome(home, CONFIG)).toBe(before);
    },
  );

  test('is not spoken of where nothing is asked for', async () => {
    chmodSync(join(home, '.docker'), 0o777);
    expect(await cli(['apply'], { home })).toMatchObject({ status: 0, stderr: '' });
  });

  test('is told once by status', async () => {
    chmodSync(join(home, '.docker'), 0o777);
    const { stderr } = await cli(['status'], { home, env: GOOD });
    expect(stderr.match(/CONFIG_EXPOSED/g)).toHaveLength(1);
  });

  test('nor by docker login through our helper', async () => {
    chmodSync(join(home, '.docker'), 0o777);
    const before = readHome(home, CONFIG);
    const input = JSON.stringify({ ServerURL: 'r.io', Username: 'bob', Secret: CANARY });
    expect(await helper('store', input, { home, env: GOOD })).toEqual(
      refused(/\[CONFIG_EXPOSED\]\n$/),
    );
    expect(readHome(home, CONFIG)).toBe(before);
    expect(readdirSync(join(home, '.docker'))).toEqual(['config.json']);
  });
});

describe('the locks that a killed run left, with new files in them,', () => {
  test.each([
    { name: 'a run that changes something', env: ROTATED },
    { name: 'a run that changes nothing', env: GOOD },
  ])('go with $name, and what is not ours does not', async ({ env }) => {
    const others = ['.config.json', '.config.json.k3j9.tmp', 'other.json.lock'];
    for (const name of others) writeFileSync(join(home, '.docker', name), CANARY);
    for (const path of [CONFIG, LOGINS]) leaveLock(join(home, path), 10_000, CANARY);
    expect(await cli(['hook', 'postStart'], { home, env })).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(readdirSync(join(home, '.docker')).sort()).toEqual([...others, 'config.json'].sort());
  });
});

describe('DOCKER_CONFIG in a git work tree', () => {
  const SAID = /^~\/work\/docker\/config\.json: is in a git work tree.*\[CONFIG_IN_WORK_TREE\]\n/;

  test('is said, because git add would find what is in it', async () => {
    mkdirSync(join(home, 'work/.git'), { recursive: true });
    const env = { ...GOOD, DOCKER_CONFIG: join(home, 'work/docker') };
    const { status, stderr } = await cli(['apply'], { home, env });
    expect([status, stderr]).toEqual([0, expect.stringMatching(SAID)]);
  });

  test('is not said of the one at home', async () => {
    mkdirSync(join(home, '.git'));
    expect(await cli(['apply'], { home, env: ROTATED })).toMatchObject({ status: 0, stderr: '' });
  });
});

const ROOT = { missing: process.getuid?.() === 0 ? undefined : 'only root may give a file away' };
const SOMEBODY = 65_534;

describe('root in a directory of another user', () => {
  testWith([ROOT], 'writes nothing below one that everyone can write to', async () => {
    chownSync(join(home, '.docker'), SOMEBODY, SOMEBODY);
    const finished = await cli(['apply'], { home, env: ROTATED });
    expect(finished).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('belongs to another user, below a directory that everyone'),
    });
    expect(loginsIn(home)).toEqual({ 'good.example': `ada:${CANARY}` });
  });

  testWith([ROOT], 'makes nothing there either, the first time', async () => {
    const empty = scratchHome();
    chownSync(empty, SOMEBODY, SOMEBODY);
    for (const words of ['apply', 'apply', 'status']) {
      const { status, stderr } = await cli([words], { home: empty, env: GOOD });
      expect([status, stderr]).toEqual([
        1,
        expect.stringContaining('belongs to another user, below a directory that everyone'),
      ]);
    }
    expect(readdirSync(empty)).toEqual([]);
  });
});

describe('what another user may have put there', () => {
  testWith(
    [ROOT],
    'in a directory that a group may write to, is written to by nobody',
    async () => {
      chmodSync(join(home, '.docker'), 0o770);
      chownSync(join(home, CONFIG), SOMEBODY, SOMEBODY);
      const before = readHome(home, CONFIG);
      for (const words of ['apply', 'logout', 'status']) {
        const { status, stderr } = await cli([words], { home, env: ROTATED });
        expect([words, status, stderr]).toEqual([
          words,
          1,
          expect.stringMatching(
            /is a file or link that belongs neither to you .*\[CONFIG_NOT_READABLE\]\n/,
          ),
        ]);
      }
      expect(readHome(home, CONFIG)).toBe(before);
    },
  );

  test('no directory is made in one that everybody may write to, the first time too', async () => {
    const open = join(home, 'open');
    mkdirSync(open);
    chmodSync(open, 0o1777);
    const env = { ...GOOD, DOCKER_CONFIG: join(open, 'new/docker') };
    for (const words of ['apply', 'hook postStart', 'status']) {
      const { stderr } = await cli(words.split(' '), { home, env });
      expect(stderr).toContain('would be in a new directory below one that everyone can write to');
    }
    expect(readdirSync(open)).toEqual([]);
    mkdirSync(join(open, 'new/docker'), { recursive: true, mode: 0o700 });
    expect(await cli(['apply'], { home, env })).toMatchObject({ status: 0, stderr: '' });
  });
});

test('no secret is in what is said of any of it', async () => {
  chmodSync(join(home, CONFIG), 0o666);
  chmodSync(join(home, '.docker'), 0o777);
  const { stdout, stderr } = await cli(['apply', '--json'], { home, env: GOOD });
  expectNoSecret(stdout + stderr, [CANARY]);
  expect(existsSync(join(home, CONFIG))).toBe(true);
});
