import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { age } from '../support/lock.ts';
import { CANARY, runBundle, scratchHome } from '../support/process.ts';
import { triple } from '../support/triples.ts';
import { CONFIG, GOOD, LOGINS, loginsIn, newCli, readHome, recordsIn } from './support/cli.ts';
import { found, helper, refused } from './support/helper.ts';
import { installAlone as install } from './support/installed.ts';

/** What a repository, or another user, may put where we read: it costs a problem, never a hang. */
const cli = newCli();
/** Where it may hang, or take long. */
const alone = newCli(runBundle);
const ADA = { 'good.example': `ada:${CANARY}` };
const TEAM = Object.entries(triple('TEAM', 'quay.io', 'bob', 'of the team'));
const TEXT = TEAM.map(([name, value]) => `${name}="${value}"\n`).join('');

/** Longer than any of it takes, and far from the time that a person would wait. */
const LIMIT_MS = 5_000;
async function quickly<T>(action: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await action();
  expect(performance.now() - start).toBeLessThan(LIMIT_MS);
  return result;
}

const pipe = (path: string) => execFileSync('mkfifo', [path]);

const variables = (count: number) =>
  Array.from({ length: count }, (_, index) => `V${index}=x\n`).join('');

const AWKWARD: [name: string, make: (path: string) => void, what: string][] = [
  ['a link to an endless file', (path) => symlinkSync('/dev/zero', path), 'is not a regular file'],
  ['a link to nothing at all', (path) => symlinkSync('/dev/null', path), 'is not a regular file'],
  ['a pipe that nobody writes to', pipe, 'is not a regular file'],
  ['a link to a file without a size', (path) => symlinkSync('/proc/kmsg', path), ''],
  ['20 MB', (path) => writeFileSync(path, TEXT.repeat(170_000)), 'is larger than 1 MiB'],
  ['1,001 variables', (path) => writeFileSync(path, variables(1_001)), '1,000 variables'],
  ['bytes that are no text', (path) => writeFileSync(path, Buffer.from([65, 61, 255])), 'UTF-8'],
];

describe.each(AWKWARD)('an env file that is %s', (_, make, what) => {
  test('is a problem, and the good triple is written', async () => {
    const home = scratchHome({ 'work/x': '' });
    make(join(home, 'work/team.env'));
    const finished = await quickly(() =>
      alone(['apply', '--env-file', join(home, 'work/team.env')], { home, env: GOOD }),
    );
    expect(finished).toMatchObject({ status: 1, stderr: expect.stringContaining(what) });
    expect(finished.stderr).toContain('[ENV_FILE_UNREADABLE]');
    expect(loginsIn(home)).toEqual(ADA);
  });
});

test('an env file of 400,000 line ends is read in good time', async () => {
  const home = scratchHome({ 'team.env': `${'\n'.repeat(400_000)}${TEXT}` });
  const args = ['apply', '--env-file', join(home, 'team.env')];
  expect(await quickly(() => alone(args, { home, env: GOOD }))).toMatchObject({ status: 0 });
  expect(loginsIn(home)).toEqual({ ...ADA, 'quay.io': 'bob:of the team' });
});

test('an env file of 1,000 variables is read, whatever stands in their values', async () => {
  const json = `JSON='{${'"a": "b=c", '.repeat(5_000)}}'\n`;
  const home = scratchHome({ 'team.env': variables(996) + json + TEXT });
  const args = ['apply', '--env-file', join(home, 'team.env')];
  expect(await quickly(() => alone(args, { home, env: GOOD }))).toMatchObject({ status: 0 });
  expect(loginsIn(home)).toEqual({ ...ADA, 'quay.io': 'bob:of the team' });
});

describe('what controls a terminal, or turns its text round, is never printed', () => {
  const ODD = '\u202eevil\u0007\u009b2J\u2066\u{e0041}\u200b';
  const auth = Buffer.from(`${ODD}:${CANARY}`).toString('base64');
  const config = (more: object) =>
    JSON.stringify({
      auths: { [`a${ODD}.example`]: { auth }, 'good.example': { auth } },
      credHelpers: { [`b${ODD}.example`]: ODD },
      plugins: { 'registry-auth': { [`c${ODD}.example`]: 'TEAM entry:1a2b3c4d' } },
      ...more,
    });
  const configs = {
    good: config({ credsStore: ODD }),
    bad: config({ [ODD]: 1, auths: { [ODD]: 1 } }),
  };
  const commands = [
    ...[['status'], ['status', 'good.example'], ['apply'], ['apply', '--prune'], ['export', ODD]],
    ...[['logout', ODD], ['check', ODD], ['apply', '--env-file', `/${ODD}`], [ODD], [`--${ODD}`]],
    ...[
      ['hook', 'postStart'],
      ['status', '--require', ODD],
      ['export', 'kubernetes', ODD],
    ],
  ];

  test.each(Object.entries(configs))('of a %s config.json', async (_, text) => {
    const calls = commands.flatMap((words) => [words, [...words, '--json']]);
    const shown = calls.map(async (words) => {
      const home = scratchHome({ [CONFIG]: text });
      const { stdout, stderr } = await cli(words, { home, env: GOOD });
      const lines = (stdout + stderr).replaceAll('\n', '');
      expect([words, lines.match(/[\p{C}\p{Zl}\p{Zp}]/gu)]).toEqual([words, null]);
    });
    await Promise.all(shown);
    const home = scratchHome({ [CONFIG]: text.replace('{', '') });
    const DOCKER_CONFIG = join(home, `.${ODD}`);
    const said = await helper('get', 'good.example', { home, env: { DOCKER_CONFIG } });
    expect(said.stdout.match(/[\p{C}\p{Zl}\p{Zp}]/gu)).toEqual(['\n']);
  });
});

describe('a config.json', () => {
  const hook = (text: string) => {
    const home = scratchHome({ [CONFIG]: text });
    return quickly(() => alone(['hook', 'postStart'], { home, env: GOOD }));
  };

  test('of 44 MB is a problem, and holds no hook up', async () => {
    const stderr = expect.stringContaining('is too large to be a configuration');
    expect(await hook(`{}${' '.repeat(44e6)}`)).toMatchObject({ status: 0, stderr });
  });

  test('of 25,000 records of one ID takes a hook no longer for each', async () => {
    const records = Array.from({ length: 25_000 }, (_, index) => [`h${index}.io`, 'A helper']);
    const plugins = { 'registry-auth': Object.fromEntries(records) };
    const stdout = expect.stringContaining('1 registry ready');
    expect(await hook(JSON.stringify({ plugins }))).toMatchObject({ status: 0, stdout });
  });
});

test("another client's file of 40 MB holds no command up", async () => {
  const home = scratchHome({ '.config/containers/auth.json': '['.repeat(40e6) });
  await cli(['apply'], { home, env: GOOD });
  for (const words of ['status', 'status good.example'])
    expect(await quickly(() => cli(words.split(' '), { home, env: GOOD }))).toMatchObject({
      status: 0,
    });
});

describe('what would be longer than we read is not written, and said:', () => {
  const SAID = /would be larger than 4 MiB, .* \[CONFIG_NOT_WRITABLE\]\n/;

  test('a config.json with the passwords of env files', async () => {
    const home = scratchHome();
    const files = Array.from({ length: 4 }, (_, file) => join(home, `${file}.env`));
    for (const [file, path] of files.entries())
      for (let index = 0; index < 15; index += 1) {
        const password = 'p'.repeat(65_000);
        const all = triple(`F${file}N${index}`, `r${file}-${index}.example`, 'u', password);
        const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
        appendFileSync(path, lines.join(''));
      }
    const words = ['apply', ...files.flatMap((path) => ['--env-file', path])];
    const before = await cli(['apply'], { home, env: GOOD });
    expect(before).toMatchObject({ status: 0 });
    const { status, stderr } = await cli(words, { home, env: GOOD });
    expect([status, stderr]).toEqual([1, expect.stringMatching(SAID)]);
    expect(loginsIn(home)).toEqual(ADA);
    expect(await cli(['apply'], { home, env: GOOD })).toMatchObject({ status: 0, stderr: '' });
  });

  test('one more docker login through our helper', async () => {
    const login = { user: 'u', secret: 's'.repeat(64_000) };
    const names = Array.from({ length: 65 }, (_, index) => `r${index}.example`);
    const logins = JSON.stringify(Object.fromEntries(names.map((name) => [name, login])));
    const home = scratchHome({ [LOGINS]: logins });
    const more = { ServerURL: 'more.example', Username: 'u', Secret: 's'.repeat(64_000) };
    const input = JSON.stringify(more);
    expect(await helper('store', input, { home })).toEqual(refused(SAID));
    expect(readHome(home, LOGINS)).toBe(logins);
  });
});

describe('the option envFiles', () => {
  const hooked = install({ envFiles: ['team.env'] });
  const hook = (home: string) =>
    quickly(() => hooked(['hook', 'postStart'], { home, cwd: join(home, 'work'), env: GOOD }));

  test.each(AWKWARD)('with %s does not hold a hook up', async (_, make) => {
    const home = scratchHome({ 'work/x': '' });
    make(join(home, 'work/team.env'));
    expect(await hook(home)).toMatchObject({ status: 0 });
    expect(loginsIn(home)).toEqual(ADA);
  });

  test('names nothing outside the workspace, by whatever way', async () => {
    const home = scratchHome({ 'work/x': '', 'other/team.env': TEXT });
    symlinkSync('../other/team.env', join(home, 'work/team.env'));
    expect(await hook(home)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('team.env: leads out of the workspace'),
    });
    const upwards = install({ envFiles: ['../other/team.env'] });
    const options = { home, cwd: join(home, 'work'), env: GOOD };
    const { stderr } = await upwards(['hook', 'postStart'], options);
    expect(stderr).toContain('../other/team.env: leads out of the workspace');
    expect(loginsIn(home)).toEqual(ADA);
  });

  test('follows a link that stays inside', async () => {
    const home = scratchHome({ 'work/config/team.env': TEXT });
    symlinkSync('config/team.env', join(home, 'work/team.env'));
    expect(await hook(home)).toMatchObject({ status: 0, stderr: '' });
    expect(loginsIn(home)).toEqual({ ...ADA, 'quay.io': 'bob:of the team' });
  });
});

describe('an env file that was named once', () => {
  const remembered = (home: string) =>
    Object.values(recordsIn(home)).flatMap((text) => text.split(' file:').slice(1));
  async function named(): Promise<string> {
    const home = scratchHome({ 'team.env': TEXT });
    const args = ['apply', '--credentials', 'helper', '--env-file', join(home, 'team.env')];
    expect(await cli(args, { home })).toMatchObject({ status: 0, stderr: '' });
    expect(remembered(home)).toEqual([join(home, 'team.env')]);
    return home;
  }
  const ask = (home: string) => helper('get', 'quay.io', { home });

  test("is believed while it is the user's own", async () => {
    expect(await ask(await named())).toEqual(found('quay.io', 'bob', 'of the team'));
  });

  test('is not believed once others can change it, and is forgotten', async () => {
    const home = await named();
    chmodSync(join(home, 'team.env'), 0o666);
    expect(await ask(home)).toMatchObject({ status: 1 });
    const finished = await cli(['apply'], { home });
    expect(finished).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('[ENV_FILE_EXPOSED]'),
    });
    expect(remembered(home)).toEqual([]);
  });

  test('is forgotten once it is gone, so that another one in its place is not believed', async () => {
    const home = await named();
    execFileSync('rm', [join(home, 'team.env')]);
    expect(await cli(['apply'], { home })).toMatchObject({ status: 0, stderr: '' });
    writeFileSync(join(home, 'team.env'), TEXT.replace('quay.io', 'evil.example'));
    expect(remembered(home)).toEqual([]);
    expect(await helper('get', 'evil.example', { home })).toMatchObject({ status: 1 });
  });

  test('and that others can change is used this time, and said', async () => {
    const home = scratchHome({ 'team.env': TEXT });
    chmodSync(join(home, 'team.env'), 0o664);
    const finished = await cli(['apply', '--env-file', join(home, 'team.env')], { home });
    expect(finished.stderr).toMatch(/^\S+team\.env: can be changed by other users.*_EXPOSED\]\n/);
    expect(loginsIn(home)).toEqual({ 'quay.io': 'bob:of the team' });
    expect(remembered(home)).toEqual([]);
  });
});

describe('what stands beside config.json', () => {
  const inPlaceOf = (path: string) => {
    const home = scratchHome({ '.docker/other.json': '' });
    pipe(join(home, path));
    return home;
  };

  test.each([
    { path: CONFIG, code: 'CONFIG_NOT_READABLE' },
    { path: LOGINS, code: 'CONFIG_NOT_READABLE' },
  ])('a pipe in place of $path is a problem', async ({ path, code }) => {
    const home = inPlaceOf(path);
    const finished = await quickly(() => alone(['apply'], { home, env: GOOD }));
    expect(finished).toMatchObject({ status: 1, stderr: expect.stringContaining(`[${code}]`) });
  });

  test('a directory in place of the lock holds nobody up', async () => {
    const home = scratchHome({ '.docker/other.json': '' });
    mkdirSync(join(home, `${CONFIG}.lock`));
    const finished = await quickly(() => alone(['apply'], { home, env: GOOD }));
    expect(finished).toMatchObject({ status: 0, stderr: '' });
    expect(loginsIn(home)).toEqual(ADA);
  });

  test.each([
    { name: 'a pipe', make: pipe },
    { name: 'a link', make: (path: string) => symlinkSync('/dev/zero', path) },
    { name: 'a link to a directory', make: (path: string) => symlinkSync('/', path) },
    { name: 'a file', make: (path: string) => writeFileSync(path, '') },
  ])('$name in place of the lock is told in time, and stays', async ({ make }) => {
    const home = scratchHome({ '.docker/other.json': '' });
    const lock = join(home, `${CONFIG}.lock`);
    make(lock);
    lutimesSync(lock, 1, 1);
    const finished = await quickly(() => alone(['apply'], { home, env: GOOD }));
    expect(finished).toMatchObject({ status: 1, stderr: expect.stringContaining('CONFIG_BUSY') });
    expect(readdirSync(join(home, '.docker'))).toEqual(['config.json.lock', 'other.json']);
  });
});

describe('the option githubNpm', () => {
  const npm = install({ githubNpm: true });
  const LINE = `//npm.pkg.github.com/:_authToken=\${GITHUB_TOKEN}\n`;

  test('leaves an .npmrc alone that is no text', async () => {
    const home = scratchHome();
    const bytes = Buffer.from([0x61, 0xff, 0x0a]);
    writeFileSync(join(home, '.npmrc'), bytes);
    const { stderr } = await npm(['hook', 'postStart'], { home });
    expect(stderr).toContain('~/.npmrc: cannot be changed (EILSEQ); left unchanged');
    expect(Buffer.from(readHome(home, '.npmrc'), 'latin1').length).toBeGreaterThan(0);
    expect(execFileSync('cat', [join(home, '.npmrc')])).toEqual(bytes);
  });

  test('is not held up by a pipe, nor by a megabyte of line ends', async () => {
    const piped = scratchHome({ x: '' });
    pipe(join(piped, '.npmrc'));
    await quickly(() => npm(['hook', 'postStart'], { home: piped }));
    const long = scratchHome({ '.npmrc': '\n'.repeat(1_000_000) });
    await quickly(() => npm(['hook', 'postStart'], { home: long }));
    expect(readHome(long, '.npmrc').endsWith(LINE)).toBe(true);
  });
});

test("somebody's directory in place of ~/.docker/config.json.lock is said, and stays", async () => {
  const home = scratchHome({ '.docker/config.json.lock/notes.txt': 'mine' });
  age(join(home, `${CONFIG}.lock`), 10_000);
  const { status, stderr } = await quickly(() => alone(['apply'], { home, env: GOOD }));
  expect([status, stderr]).toEqual([
    1,
    '~/.docker/config.json: is locked by another process, or keeps changing; left unchanged [CONFIG_BUSY]\n' +
      '  fix: run registry-auth apply again; if nothing else is writing, remove config.json.lock beside it\n',
  ]);
  expect(readdirSync(join(home, '.docker'))).toEqual(['config.json.lock']);
  expect(readHome(home, `${CONFIG}.lock/notes.txt`)).toBe('mine');
});
