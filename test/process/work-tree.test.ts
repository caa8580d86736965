import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { testWith } from '../support/needs.ts';
import { scratchHome } from '../support/process.ts';
import { whyNot } from '../support/run.ts';
import { CONFIG, GOOD, loginsIn, newCli } from './support/cli.ts';

const cli = newCli();
const GIT = { missing: whyNot('git', ['--version']) };
const TRACKED =
  /^~\/\S+: is tracked by git, .* \[CONFIG_IN_WORK_TREE\]\n {2}fix: run git rm --cached/;
const INSIDE = /^~\/\S+: is in a git work tree, .* \[CONFIG_IN_WORK_TREE\]\n/;
const SILENT = /^$/;

function git(folder: string, ...words: string[]): void {
  const settings = ['user.name=x', 'user.email=x@y', 'protocol.file.allow=always'];
  execFileSync('git', ['-C', folder, ...settings.flatMap((one) => ['-c', one]), ...words], {
    stdio: 'pipe',
    env: { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' },
  });
}

/** A repository with some files, of which config.json is one. */
function makeRepository(folder: string, file = 'config.json', ...options: string[]): undefined {
  mkdirSync(join(folder, file, '..'), { recursive: true });
  git(folder, 'init', '-q', ...options);
  for (const name of ['a', 'b/c', file, `${file}.d/e`, 'z']) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), '{}', { mode: 0o600 });
  }
  git(folder, 'add', '.');
  git(folder, 'commit', '-qm', 'x');
}

function linkConfig(home: string, target: string): undefined {
  mkdirSync(join(home, '.docker'), { mode: 0o700, recursive: true });
  symlinkSync(target, join(home, CONFIG));
  chmodSync(join(home, CONFIG), 0o600);
}

type Case = [
  name: string,
  said: RegExp,
  make: (home: string) => Record<string, string> | undefined,
];

const CASES: Case[] = [
  [
    'a link of the file into a repository that tracks it',
    TRACKED,
    (home) => {
      makeRepository(join(home, 'dots'));
      return linkConfig(home, '../dots/config.json');
    },
  ],
  [
    'a link of a link, to another name, below a folder',
    TRACKED,
    (home) => {
      makeRepository(join(home, 'dots'), 'docker/docker ü.json');
      symlinkSync(join(home, 'dots/docker/docker ü.json'), join(home, 'link'));
      return linkConfig(home, '../link');
    },
  ],
  [
    'a link of the directory',
    TRACKED,
    (home) => {
      makeRepository(join(home, 'dots'), 'docker/config.json');
      symlinkSync('dots/docker', join(home, '.docker'));
    },
  ],
  [
    'an index of version 4',
    TRACKED,
    (home) => {
      makeRepository(join(home, 'dots'));
      git(join(home, 'dots'), 'update-index', '--index-version', '4');
      return linkConfig(home, '../dots/config.json');
    },
  ],
  [
    'an index of version 3',
    TRACKED,
    (home) => {
      makeRepository(join(home, 'dots'));
      git(join(home, 'dots'), 'update-index', '--skip-worktree', 'config.json');
      return linkConfig(home, '../dots/config.json');
    },
  ],
  [
    'hashes of 32 bytes, in version 4',
    TRACKED,
    (home) => {
      makeRepository(join(home, 'dots'), 'config.json', '--object-format=sha256');
      git(join(home, 'dots'), 'update-index', '--index-version', '4');
      return linkConfig(home, '../dots/config.json');
    },
  ],
  [
    'a further work tree, whose .git is a file',
    TRACKED,
    (home) => {
      makeRepository(join(home, 'main'));
      git(join(home, 'main'), 'worktree', 'add', '-q', '../dots');
      return linkConfig(home, '../dots/config.json');
    },
  ],
  [
    'a submodule',
    TRACKED,
    (home) => {
      makeRepository(join(home, 'module'));
      makeRepository(join(home, 'main'), 'other');
      git(join(home, 'main'), 'submodule', '--quiet', 'add', join(home, 'module'), 'dots');
      return linkConfig(home, '../main/dots/config.json');
    },
  ],
  [
    'DOCKER_CONFIG in a repository that tracks it',
    TRACKED,
    (home) => {
      makeRepository(join(home, 'work'), '.docker/config.json');
      return { DOCKER_CONFIG: join(home, 'work/.docker') };
    },
  ],
  ['a home that is a work tree, and tracks it', TRACKED, (home) => makeRepository(home, CONFIG)],
  [
    'a link into a repository that does not track it',
    INSIDE,
    (home) => {
      makeRepository(join(home, 'dots'));
      writeFileSync(join(home, 'dots/c.json'), '{}', { mode: 0o600 });
      return linkConfig(home, '../dots/c.json');
    },
  ],
  [
    'a link to a name that ends as a tracked one',
    INSIDE,
    (home) => {
      makeRepository(join(home, 'dots'), 'x/config.json');
      writeFileSync(join(home, 'dots/config.json'), '{}', { mode: 0o600 });
      return linkConfig(home, '../dots/config.json');
    },
  ],
  [
    'a home that is a work tree, and does not track it',
    SILENT,
    (home) => makeRepository(home, 'other'),
  ],
  [
    'a link to where no repository is',
    SILENT,
    (home) => {
      writeFileSync(join(home, 'c.json'), '{}', { mode: 0o600 });
      return linkConfig(home, '../c.json');
    },
  ],
];

describe('a config.json in a git work tree is told, and written to:', () => {
  for (const [name, said, make] of CASES)
    testWith([GIT], name, async () => {
      const home = scratchHome();
      const env = { ...GOOD, ...(make(home) ?? {}) };
      for (const word of ['apply', 'status']) {
        const { status, stderr } = await cli([word], { home, env });
        expect([word, status, stderr]).toEqual([word, 0, expect.stringMatching(said)]);
      }
      if (!('DOCKER_CONFIG' in env)) expect(Object.keys(loginsIn(home))).toEqual(['good.example']);
    });
});

describe('an index that is none is not believed, and nothing fails:', () => {
  test.each([
    ['empty', ''],
    ['text', 'config.json\0'],
    ['cut off', 'DIRC\0\0\0\x04\0\0\0\x09'],
    ['of a version that is none', 'DIRC\0\0\0\x63\0\0\0\x01config.json\0'],
    ['full of ones', `DIRC\0\0\0\x04\x7f\x7f\x7f\x7f${'\x7f'.repeat(5000)}`],
  ])('%s', async (_, text) => {
    const home = scratchHome({ 'dots/.git/index': text, 'dots/config.json': '{}' });
    linkConfig(home, '../dots/config.json');
    const { status, stderr } = await cli(['apply'], { home, env: GOOD });
    expect([status, stderr]).toEqual([0, expect.stringContaining('is in a git work tree')]);
  });
});

test('an index of version 4 whose names grow without end is read in good time', async () => {
  const entry = '\0'.repeat(62);
  const one = (name: string) => `${entry}\0${name}\0`;
  const count = '\0\0\x4e\x20';
  const index = `DIRC\0\0\0\x04${count}${one('a'.repeat(2e6))}${one('a').repeat(20_000)}`;
  const home = scratchHome({ 'dots/.git/index': index, 'dots/config.json': '{}' });
  linkConfig(home, '../dots/config.json');
  const { status, stderr } = await cli(['apply'], { home, env: GOOD, timeoutMs: 5_000 });
  expect([status, stderr]).toEqual([0, expect.stringContaining('[CONFIG_IN_WORK_TREE]')]);
});
