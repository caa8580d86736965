import {
  closeSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { LIB } from '../support/built.ts';
import { CANARY, expectNoSecret, runBundle, scratchHome } from '../support/process.ts';
import { run } from '../support/run.ts';
import { configWith, entry, triple } from '../support/triples.ts';
import {
  appliedHome,
  CONFIG,
  GOOD,
  loginsIn,
  newCli,
  othersIn,
  readHome,
  recordsIn,
} from './support/cli.ts';

const cli = newCli();
/** Beside others. */
const alone = newCli(runBundle);
const { auth: AUTH } = entry('ada', CANARY);
const SECRETS = [CANARY, { user: 'ada', password: CANARY }];

/** Everything about a file that a write would change. */
function stampOf(home: string, path: string) {
  const { ino, mtimeNs, ctimeNs, mode } = statSync(join(home, path), { bigint: true });
  return { ino, mtimeNs, ctimeNs, mode, text: readHome(home, path) };
}

const HAND_MADE = [
  '{',
  '   "detachKeys": "ctrl-e,e",   "auths" : {',
  '      "a.io": { "note": "mine", "auth": "Ym9iOngx" } },',
  '  "big": 12345678901234567890, "n": 1.0e2,',
  '  "HttpHeaders": {"X":"ü\\u00e9"}',
  '}',
  '',
].join('\r\n');

describe('a second run writes nothing', () => {
  test.each(['apply', 'hook postStart', 'apply --force', 'apply --dry-run --force'])(
    '%s',
    async (words) => {
      const env = { ...GOOD, ...triple('HUB', 'docker.io', 'ada', CANARY) };
      const home = await appliedHome(cli, env, { [CONFIG]: HAND_MADE });
      const before = stampOf(home, CONFIG);
      expect(await cli(words.split(' '), { home, env })).toMatchObject({ status: 0, stderr: '' });
      expect(stampOf(home, CONFIG)).toEqual(before);
      expect(readdirSync(join(home, '.docker'))).toEqual(['config.json']);
    },
  );
});

/** Each takes an eighth of Node's own start, or more. */
const SLOW = /^(node:)?(crypto|https?|net|tls|tty|stream|url|os|child_process)$/;

test.each(['a first write', 'nothing to change', 'a rotation'])(
  '%s loads nothing slow',
  async (what) => {
    const env = { ...GOOD, ...triple('HUB', 'docker.io', 'ada', CANARY) };
    const home = what === 'a first write' ? scratchHome() : await appliedHome(cli, env);
    const report = join(home, 'loaded');
    const spy = `const fs = require('fs'); const Module = require('module');
    const load = Module._load;
    Module._load = (name, ...rest) => {
      fs.appendFileSync(${JSON.stringify(report)}, name + '\\n');
      return load(name, ...rest);
    };`;
    writeFileSync(join(home, 'spy.cjs'), spy);
    const rotated = { GOOD_CONTAINER_REGISTRY_PASSWORD: 'another-password' };
    const spied = {
      ...env,
      ...(what === 'a rotation' ? rotated : {}),
      NODE_OPTIONS: `--require=${join(home, 'spy.cjs')}`,
    };
    expect(await cli(['hook', 'postStart'], { home, env: spied })).toMatchObject({
      status: 0,
      stderr: '',
    });
    const loaded = readHome(home, 'loaded').split('\n').filter(Boolean);
    expect(loaded).toContain('node:fs');
    expect(loaded.filter((name) => SLOW.test(name))).toEqual([]);
  },
);

describe('apply', () => {
  test('changes no byte beside its entry and its record, and logout gives back the first ones', async () => {
    const home = await appliedHome(cli, GOOD, { [CONFIG]: HAND_MADE });
    const entry = `,\r\n      "good.example" : {\r\n         "auth" : "${AUTH}"\r\n      }`;
    const text = readHome(home, CONFIG);
    const record = /,\s*"plugins"\s*:\s*\{\s*"registry-auth"\s*:\s*\{[^{}]*\}\s*\}/.exec(text)?.[0];
    const rest = text.replace(record ?? '', '');
    expect(recordsIn(home)).toEqual({
      'good.example': expect.stringMatching(/^GOOD entry:[0-9a-f]{8} secret:[0-9a-f]{8}$/),
    });
    expect(rest.replace(/,\s*"good\.example"\s*:\s*\{\s*"auth"\s*:\s*"[^"]+"\s*\}/, '')).toBe(
      HAND_MADE,
    );
    expect(rest).toHaveLength(HAND_MADE.length + entry.length - 2);
    expect(await cli(['logout'], { home })).toMatchObject({ status: 0 });
    expect(readHome(home, CONFIG)).toBe(HAND_MADE);
  });

  test('makes file and directory for their owner alone', async () => {
    const home = await appliedHome(cli, GOOD);
    const modes = ['.docker', CONFIG].map((path) => statSync(join(home, path)).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600]);
  });

  test('holds the secret in config.json and nowhere else', async () => {
    const home = await appliedHome(cli, GOOD);
    expectNoSecret({ folder: home }, SECRETS, { allow: [CONFIG] });
  });

  test('holds the secret nowhere with --credentials helper', async () => {
    const home = scratchHome();
    await cli(['apply', '--credentials', 'helper'], { home, env: GOOD });
    expect(othersIn(home)).toEqual({
      auths: {},
      credHelpers: { 'good.example': 'registry-auth' },
    });
    expect(recordsIn(home)).toEqual({
      'good.example': expect.stringMatching(/^GOOD helper secret:[0-9a-f]{4}$/),
    });
    expectNoSecret({ folder: home }, SECRETS);
  });

  test('takes the secret out of the file when it changes to --credentials helper', async () => {
    const home = await appliedHome(cli, GOOD, { [CONFIG]: HAND_MADE });
    await cli(['apply', '--credentials', 'helper'], { home, env: GOOD });
    expect(loginsIn(home)).toEqual({ 'a.io': 'bob:x1' });
    expectNoSecret({ folder: home }, SECRETS);
  });

  test('writes no helper that is not on PATH, and says so', async () => {
    const home = scratchHome();
    const env = { ...GOOD, PATH: process.env.PATH };
    expect(await cli(['apply', '--credentials', 'helper'], { home, env })).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'docker-credential-registry-auth: is not on PATH, but docker needs it for GOOD [HELPER_NOT_FOUND]\n' +
        '  fix: add /usr/local/bin to PATH, or rebuild the container\n',
    });
    expect(readdirSync(home)).toEqual([]);
  });

  test('writes through a link of the directory, which stays a link', async () => {
    const home = scratchHome({ 'shared/config.json': '{"auths":{}}' });
    symlinkSync('shared', join(home, '.docker'));
    await cli(['apply'], { home, env: GOOD });
    expect(readlinkSync(join(home, '.docker'))).toBe('shared');
    expect(readdirSync(join(home, 'shared'))).toEqual(['config.json']);
    expect(loginsIn(home)).toEqual({ 'good.example': `ada:${CANARY}` });
  });

  test('writes through a link of the file, which stays a link', async () => {
    const home = scratchHome({ 'dotfiles/docker.json': '{}' });
    mkdirSync(join(home, '.docker'));
    symlinkSync('../dotfiles/docker.json', join(home, CONFIG));
    await cli(['apply'], { home, env: GOOD });
    expect(lstatSync(join(home, CONFIG)).isSymbolicLink()).toBe(true);
    expect(readHome(home, 'dotfiles/docker.json')).toContain('good.example');
  });

  test('writes where DOCKER_CONFIG says, and not at home', async () => {
    const home = scratchHome();
    const env = { ...GOOD, DOCKER_CONFIG: join(home, 'elsewhere') };
    const { stdout } = await cli(['apply'], { home, env });
    expect(stdout).toMatch(/^~\/elsewhere\/config\.json: changed\n/);
    expect(readdirSync(home)).toEqual(['elsewhere']);
  });

  test.each(['linked/../named', 'missing/../named', 'named/', 'named/.', './/named'])(
    'writes where docker reads where DOCKER_CONFIG is %j',
    async (value) => {
      const home = scratchHome({ 'elsewhere/deep/x': '' });
      symlinkSync('elsewhere/deep', join(home, 'linked'));
      const env = { ...GOOD, DOCKER_CONFIG: `${home}/${value}` };
      const { status, stdout } = await cli(['apply'], { home, env });
      expect([status, stdout]).toEqual([0, expect.stringMatching(/^~\/named\/config\.json: /)]);
      expect(readHome(home, 'named/config.json')).toContain('good.example');
      expect(readdirSync(join(home, 'elsewhere'))).toEqual(['deep']);
    },
  );

  test.each(['~/.docker', '$HOME/.docker', '.docker', 'HOME/.docker/config.json', '{"auths":{}}'])(
    'writes nothing anywhere where DOCKER_CONFIG is %j',
    async (value) => {
      const home = scratchHome({ [CONFIG]: '{}', 'w/x': '' });
      const env = { ...GOOD, DOCKER_CONFIG: value.replace(/^HOME/, home) };
      for (const words of ['apply', 'hook onCreate', 'status', 'check', 'logout']) {
        const finished = await cli(words.split(' '), { home, cwd: join(home, 'w'), env });
        expect(finished.status).toBe(words.startsWith('hook') ? 0 : 1);
        expect(finished.stderr).toContain(`fix: set it to ${join(home, '.docker')}\n`);
      }
      expect([readHome(home, CONFIG), readdirSync(join(home, 'w'))]).toEqual(['{}', ['x']]);
    },
  );

  test.each([60, 100, 150])(
    'loses nothing that VS Code writes %s ms after it has emptied the file',
    async (delayMs) => {
      const home = scratchHome({ [CONFIG]: '{"auths":{}}' });
      const descriptor = openSync(join(home, CONFIG), 'r+');
      ftruncateSync(descriptor);
      const applied = alone(['apply'], { home, env: GOOD });
      await new Promise((done) => setTimeout(done, delayMs));
      writeSync(descriptor, configWith({ 'theirs.io': ['bob', 'x'] }));
      closeSync(descriptor);
      expect(await applied).toMatchObject({ status: 0, stderr: '' });
      expect(loginsIn(home)).toEqual({ 'theirs.io': 'bob:x', 'good.example': `ada:${CANARY}` });
    },
  );

  test('loses no entry when ten run at once', async () => {
    const home = scratchHome({ [CONFIG]: HAND_MADE });
    const ids = Array.from({ length: 10 }, (_, index) => `T${index}`);
    const runs = ids.map((id) => {
      const env = triple(id, `${id.toLowerCase()}.io`, 'ada', CANARY);
      return alone(['apply'], { home, env });
    });
    expect((await Promise.all(runs)).map(({ status }) => status)).toEqual(ids.map(() => 0));
    const hosts = ids.map((id) => `${id.toLowerCase()}.io`);
    expect(Object.keys(loginsIn(home)).sort()).toEqual(['a.io', ...hosts]);
    expect(Object.keys(recordsIn(home)).sort()).toEqual(hosts);
    expect(readdirSync(join(home, '.docker'))).toEqual(['config.json']);
  });
});

test('a folder that was removed keeps no command run in it from its work', async () => {
  const home = scratchHome();
  const removed = (words: string) => {
    const script = 'mkdir gone; cd gone; rmdir ../gone; shift; exec "$@"';
    const program = [process.execPath, '--', join(LIB, 'start.cjs'), 'registry-auth'];
    const args = ['-c', script, 'sh', '', ...program, ...words.split(' ')];
    return run('/bin/sh', args, { home, cwd: home, env: GOOD });
  };
  expect(await removed('hook postStart')).toMatchObject({ status: 0, stderr: '' });
  expect(loginsIn(home)).toEqual({ 'good.example': `ada:${CANARY}` });
  expect(await removed('apply --env-file x')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('x: does not exist'),
  });
});
