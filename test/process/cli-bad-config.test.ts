import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runBundle, scratchHome } from '../support/process.ts';
import { entry, triple } from '../support/triples.ts';
import {
  appliedHome,
  CONFIG,
  GOOD,
  loginsIn,
  MORE,
  newCli,
  othersIn,
  readHome,
  recordsIn,
} from './support/cli.ts';

const cli = newCli();
const ROTATED = triple('GOOD', 'good.example', 'ada', 'a-newer-password');

const words = (code: string, subject = '~/.docker/config.json') =>
  expect.stringMatching(
    new RegExp(`^${subject}: \\S.*; left unchanged.* \\[${code}\\]\\n {2}fix: .*\\n$`),
  );

const TEXTS = [
  { name: 'no JSON', text: '{\n  "auths":', code: 'CONFIG_NOT_JSON', place: 'line 2, column 11' },
  { name: 'words', text: 'hello', code: 'CONFIG_NOT_JSON', place: 'line 1, column 1' },
  { name: 'a comment', text: '{\n// x\n}', code: 'CONFIG_NOT_JSON', place: 'line 2, column 1' },
  {
    name: 'a trailing comma',
    text: '{"auths":{},}',
    code: 'CONFIG_NOT_JSON',
    place: 'line 1, column 13',
  },
  { name: 'two documents', text: '{}{}', code: 'CONFIG_NOT_JSON', place: 'line 1, column 3' },
  {
    name: 'a byte order mark',
    text: '\ufeff{}',
    code: 'CONFIG_NOT_JSON',
    place: 'line 1, column 1',
  },
  { name: 'an array', text: '[]', code: 'CONFIG_SHAPE', place: 'line 1, column 1' },
  { name: 'a string', text: '"auths"', code: 'CONFIG_SHAPE', place: 'line 1, column 1' },
  {
    name: 'auths that are an array',
    text: '{"auths":[]}',
    code: 'CONFIG_SHAPE',
    place: 'line 1, column 10',
  },
  {
    name: 'an entry that is text',
    text: '{"auths":{"a.io":"x"}}',
    code: 'CONFIG_SHAPE',
    place: 'line 1, column 18',
  },
  {
    name: 'a key twice',
    text: '{"auths":{},"auths":{}}',
    code: 'CONFIG_SHAPE',
    place: 'line 1, column 13',
  },
  {
    name: 'an entry twice',
    text: '{"auths":{"a.io":{},"a.io":{}}}',
    code: 'CONFIG_SHAPE',
    place: 'line 1, column 21',
  },
  {
    name: 'plugins that are no object',
    text: '{"plugins":["registry-auth"]}',
    code: 'CONFIG_SHAPE',
    place: 'line 1, column 12',
  },
  {
    name: 'a plugin that is no object',
    text: '{"plugins":{"registry-auth":"x"}}',
    code: 'CONFIG_SHAPE',
    place: 'line 1, column 29',
  },
  {
    name: 'a plugin of something else than text',
    text: '{"plugins":{"registry-auth":{"a.io":1}}}',
    code: 'CONFIG_SHAPE',
    place: 'line 1, column 37',
  },
  {
    name: 'a record twice',
    text: '{"plugins":{"registry-auth":{"a.io":"A","a.io":"A"}}}',
    code: 'CONFIG_SHAPE',
    place: 'line 1, column 41',
  },
  {
    name: 'a helper that is a number',
    text: '{"credHelpers":{"a.io":1}}',
    code: 'CONFIG_SHAPE',
    place: 'line 1, column 24',
  },
  {
    name: 'an entry that is no base64',
    text: '{"auths":{"a.io":{"auth":"%"}}}',
    code: 'CONFIG_ENTRY_UNDECODABLE',
    place: 'line 1, column 18',
  },
  {
    name: 'an entry without a colon',
    text: '{"auths":{"a.io":{"auth":"YWRh"}}}',
    code: 'CONFIG_ENTRY_UNDECODABLE',
    place: 'line 1, column 18',
  },
  {
    name: 'an entry without padding',
    text: '{"auths":{"a.io":{"auth":"YTpiYg"}}}',
    code: 'CONFIG_ENTRY_UNDECODABLE',
    place: 'line 1, column 18',
  },
];

describe.each(TEXTS)('a config.json that holds $name', ({ text, code, place }) => {
  test(`is ${code}, with its place, and is left as it is`, async () => {
    const home = scratchHome({ [CONFIG]: text });
    const { status, stdout, stderr } = await cli(['apply'], { home, env: GOOD });
    expect([status, stdout, stderr]).toEqual([1, '', words(code)]);
    expect(stderr).toContain(`(${place})`);
    expect([readHome(home, CONFIG), readdirSync(join(home, '.docker'))]).toEqual([
      text,
      ['config.json'],
    ]);
  });
});

test.each(['hook onCreate', 'apply --json', 'apply --dry-run', 'status', 'logout'])(
  '%s names the fault, and leaves the file as it is',
  async (command) => {
    const home = scratchHome({ [CONFIG]: '[]' });
    const { status, stdout, stderr } = await cli(command.split(' '), { home, env: GOOD });
    expect(status).toBe(command.startsWith('hook') ? 0 : 1);
    expect(stdout + stderr).toContain('CONFIG_SHAPE');
    expect(readHome(home, CONFIG)).toBe('[]');
  },
);

describe('a config.json that', () => {
  test('is a directory is said', async () => {
    const home = scratchHome();
    mkdirSync(join(home, CONFIG), { recursive: true });
    const finished = await cli(['apply'], { home, env: GOOD });
    expect(finished).toEqual({ status: 1, stdout: '', stderr: words('CONFIG_NOT_READABLE') });
    expect(readdirSync(join(home, CONFIG))).toEqual([]);
  });

  test('is not UTF-8 is said', async () => {
    const home = scratchHome({ [CONFIG]: '' });
    const bytes = Buffer.from([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]);
    writeFileSync(join(home, CONFIG), bytes);
    const finished = await cli(['apply'], { home, env: GOOD });
    expect(finished).toEqual({ status: 1, stdout: '', stderr: words('CONFIG_NOT_READABLE') });
    expect(readFileSync(join(home, CONFIG))).toEqual(bytes);
  });

  test('lies below a file is said', async () => {
    const home = scratchHome({ '.docker': 'mine' });
    const finished = await cli(['apply'], { home, env: GOOD });
    expect(finished).toEqual({ status: 1, stdout: '', stderr: words('CONFIG_NOT_READABLE') });
    expect(readHome(home, '.docker')).toBe('mine');
  });

  test('is a link in a circle is said', async () => {
    const home = scratchHome({ '.docker/other.json': '' });
    symlinkSync('config.json', join(home, CONFIG));
    const finished = await cli(['apply'], { home, env: GOOD });
    expect(finished).toEqual({ status: 1, stdout: '', stderr: words('CONFIG_NOT_READABLE') });
  });

  test('is a dangling link is written where the link leads, and that is said', async () => {
    const home = scratchHome({ '.docker/other.json': '' });
    symlinkSync('../elsewhere/real.json', join(home, CONFIG));
    const { status, stderr } = await cli(['apply'], { home, env: GOOD });
    expect(Object.keys(loginsIn(home))).toEqual(['good.example']);
    expect(readHome(home, 'elsewhere/real.json')).toBe(readHome(home, CONFIG));
    expect([status, stderr]).toEqual([0, expect.stringContaining('[CONFIG_LINK_CREATED]')]);
  });
});

describe('a missing home is said', () => {
  const fix =
    '  fix: set HOME to your home directory, or DOCKER_CONFIG to the directory of config.json\n';
  test.each([
    {
      name: 'unset',
      HOME: undefined,
      what: 'not set, so there is no place for ~/.docker/config.json',
    },
    { name: 'empty', HOME: '', what: 'not set, so there is no place for ~/.docker/config.json' },
    { name: 'not there', HOME: '/nowhere/at/all', what: 'names a directory that does not exist' },
  ])('$name', async ({ HOME, what }) => {
    const stderr = `HOME: ${what} [HOME_MISSING]\n${fix}`;
    const env = { ...GOOD, HOME };
    expect(await cli(['apply'], { env })).toEqual({ status: 1, stdout: '', stderr });
    expect(await cli(['status'], { env })).toEqual({ status: 1, stdout: '', stderr });
    const hook = await cli(['hook', 'onCreate'], { env });
    expect(hook).toEqual({ status: 0, stdout: '', stderr: `registry-auth: ${stderr}${MORE}` });
  });

  test('unless DOCKER_CONFIG is set', async () => {
    const home = scratchHome();
    const env = { ...GOOD, HOME: undefined, DOCKER_CONFIG: join(home, '.docker') };
    expect(await cli(['apply'], { env })).toMatchObject({ status: 0, stderr: '' });
    expect(Object.keys(loginsIn(home))).toEqual(['good.example']);
  });
});

describe('a record', () => {
  const THEIRS = { 'good.example': entry('bob', 'by-hand') };
  const SAID =
    '~/.docker/config.json: one of our records in its plugins cannot be read; ' +
    'every login is kept [RECORD_DAMAGED]\n  fix: run registry-auth apply where the secrets are ' +
    'set, or registry-auth logout\n';
  const withRecord = (record: Record<string, string>, config: object = {}) =>
    JSON.stringify({ auths: {}, ...config, plugins: { 'registry-auth': record } });

  test.each([
    ['of words that a newer version may have', 'GOOD entry:01234567 colour:red secret:89abcdef'],
    ['of words in another order', 'GOOD secret:89abcdef entry:01234567'],
    ['of no ID', 'entry:01234567'],
    ['of nothing', ''],
    ['that is cut off', 'GOOD entry:012345'],
    ['that expires never', 'GOOD entry:01234567 secret:89abcdef expires:2026-99-99T00:00:00Z'],
  ])('%s is said, and costs nobody a login', async (_, words) => {
    const home = scratchHome({
      [CONFIG]: withRecord({ 'good.example': words }, { auths: THEIRS }),
    });
    const { status, stdout, stderr } = await cli(['apply'], { home, env: GOOD });
    expect([status, stderr]).toEqual([0, expect.stringContaining(SAID)]);
    expect(stdout).toContain('  GOOD  other       good.example  kept: your own login\n');
    expect(loginsIn(home)).toEqual({ 'good.example': 'bob:by-hand' });
    expect(await cli(['apply'], { home, env: ROTATED })).toMatchObject({ status: 0, stderr: '' });
    expect(loginsIn(home)).toEqual({ 'good.example': 'ada:a-newer-password' });
  });

  test('that is damaged is said, costs nobody an entry, and is made good where ours stands', async () => {
    const home = await appliedHome(cli, GOOD);
    const before = readHome(home, CONFIG);
    writeFileSync(join(home, CONFIG), before.replace('GOOD entry:', 'GOOD entri:'));
    for (const words of ['status', 'apply --dry-run', 'apply'])
      expect([words, (await cli(words.split(' '), { home, env: GOOD })).stderr]).toEqual([
        words,
        SAID,
      ]);
    expect(await cli(['apply'], { home, env: GOOD })).toMatchObject({ status: 0, stderr: '' });
    expect(readHome(home, CONFIG)).toBe(before);
    expect(await cli(['logout'], { home })).toMatchObject({ status: 0, stderr: '' });
    expect(othersIn(home)).toEqual({ auths: {} });
  });

  test('of a login that stands nowhere is forgotten with the next removal, and no other', async () => {
    const gone = 'GONE entry:01234567 secret:89abcdef';
    const home = scratchHome({ [CONFIG]: withRecord({ 'gone.io': gone }) });
    expect(await cli(['apply'], { home, env: GOOD })).toMatchObject({ status: 0, stderr: '' });
    expect(Object.keys(recordsIn(home)).sort()).toEqual(['gone.io', 'good.example']);
    const words = ['apply', '--prune', 'gone.io'];
    expect(await cli(words, { home, env: GOOD })).toMatchObject({ status: 0 });
    expect(Object.keys(recordsIn(home))).toEqual(['good.example']);
  });

  test('of ten thousand logins is read, kept and removed in good time', async () => {
    const hosts = Array.from({ length: 10_000 }, (_, index) => `r${index}.io`);
    const record = hosts.map((host) => [host, 'GONE entry:01234567 secret:89abcdef']);
    const home = scratchHome({ [CONFIG]: withRecord(Object.fromEntries(record)) });
    const start = performance.now();
    expect(await cli(['apply'], { home, env: GOOD })).toMatchObject({ status: 0, stderr: '' });
    expect(Object.keys(recordsIn(home))).toHaveLength(hosts.length + 1);
    expect(await cli(['logout'], { home })).toMatchObject({ status: 0, stderr: '' });
    expect(performance.now() - start).toBeLessThan(15_000);
    expect(readHome(home, CONFIG)).toBe('{"auths":{}}');
  });

  test.each([
    ['constructor', '__proto__', 'toString'],
    ['a b', 'r.io/', '/r.io', '', ' ', ':443', 'r.io:443:443', 'https://r.io/v2/'],
  ])('of logins of odd names costs nothing: %s, %s, %s', async (...names) => {
    const text = names.map((name) => `${JSON.stringify(name)}:"GONE helper"`).join();
    const home = scratchHome({ [CONFIG]: `{"auths":{},"plugins":{"registry-auth":{${text}}}}` });
    for (const words of ['apply', 'status', 'logout'])
      expect([words, (await cli([words], { home, env: GOOD })).status]).toEqual([
        words,
        words === 'status' ? expect.any(Number) : 0,
      ]);
    expect(readHome(home, CONFIG)).toBe('{"auths":{}}');
  });

  test('of something to put back that cannot stand there is said, and nothing is put back', async () => {
    const previous = {
      'auths good.example': '{"auth":"%"}',
      'auths a.io': '[',
      'credHelpers a.io': '{}',
      'a word': '"gcloud"',
    };
    const home = await appliedHome(cli, GOOD);
    const config = JSON.parse(readHome(home, CONFIG));
    config.plugins['registry-auth-previous'] = previous;
    writeFileSync(join(home, CONFIG), JSON.stringify(config));
    const { status, stderr } = await cli(['logout'], { home });
    expect([status, stderr]).toEqual([0, expect.stringContaining('[RECORD_DAMAGED]')]);
    expect(othersIn(home)).toEqual({ auths: {} });
  });

  test.each(['status', 'hook postStart', 'apply', 'logout'])(
    'that holds what would control a terminal is told by %s without that',
    async (words) => {
      const evil = 'G\u001b[31m\nEVIL\u009b';
      const config = {
        auths: { [evil]: entry('bob', 'by-hand') },
        credHelpers: { [evil]: 'registry-auth' },
        credsStore: evil,
      };
      const record = { [evil]: 'EVIL helper', 'r.io': evil };
      const home = scratchHome({ [CONFIG]: withRecord(record, config) });
      const { stdout, stderr } = await cli(words.split(' '), { home });
      // A hook names no host.
      if (!words.startsWith('hook'))
        expect(stdout + stderr).toContain('G\\u001b[31m\\u000aEVIL\\u009b');
      expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n]/u);
    },
  );
});

describe('a config.json of a hostile size', () => {
  const cli = newCli(runBundle);

  test.each([
    ['nested a million deep', `${'['.repeat(1e6)}${']'.repeat(1e6)}`, 'CONFIG_NOT_JSON'],
    [
      'nested a million deep in what is not ours',
      `{"x":${'{"a":'.repeat(5e5)}1${'}'.repeat(5e5)}}`,
      'CONFIG_NOT_JSON',
    ],
    ['never closed', '{"auths":'.repeat(1e5), 'CONFIG_NOT_JSON'],
    ['five megabytes long', `{"x":"${'x'.repeat(5 << 20)}"}`, 'CONFIG_NOT_READABLE'],
    ['full of nonsense', '-'.repeat(4e6), 'CONFIG_NOT_JSON'],
  ])('%s is said in good time, and is left as it is', async (_, text, code) => {
    const home = scratchHome({ [CONFIG]: text });
    const start = performance.now();
    const { status, stdout, stderr } = await cli(['apply'], { home, env: GOOD });
    expect([status, stdout, stderr]).toEqual([1, '', words(code)]);
    expect(performance.now() - start).toBeLessThan(5_000);
    expect(readHome(home, CONFIG) === text).toBe(true);
    expect(readdirSync(join(home, '.docker'))).toEqual(['config.json']);
  });

  test('that we can still read is written', async () => {
    const text = `{"x":"${'x'.repeat(3 << 20)}"}`;
    const home = scratchHome({ [CONFIG]: text });
    expect(await cli(['apply'], { home, env: GOOD })).toMatchObject({ status: 0, stderr: '' });
    expect(loginsIn(home)).toEqual({ 'good.example': expect.any(String) });
    expect(await cli(['logout'], { home })).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(readHome(home, CONFIG))).toEqual({ ...JSON.parse(text), auths: {} });
  });
});
