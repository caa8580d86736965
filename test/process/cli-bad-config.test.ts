import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { scratchHome } from '../support/process.ts';
import { CONFIG, GOOD, LEDGER, loginsIn, MORE, newCli, readHome } from './support/cli.ts';

const cli = newCli();

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
  { name: 'null', text: 'null', code: 'CONFIG_SHAPE', place: 'line 1, column 1' },
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

describe('a ledger', () => {
  test('of a newer version is left as it is, and config.json with it', async () => {
    const newer = '{"version":99,"rows":{}}';
    const home = scratchHome({ [CONFIG]: '{}', [LEDGER]: newer });
    const finished = await cli(['apply'], { home, env: GOOD });
    expect(finished).toEqual({
      status: 1,
      stdout: '',
      stderr: words('LEDGER_NEWER', '~/.docker/registry-auth.json'),
    });
    expect([readHome(home, CONFIG), readHome(home, LEDGER)]).toEqual(['{}', newer]);
  });

  test('that is damaged is said, costs nobody an entry, and is not kept with what it held', async () => {
    const home = scratchHome();
    await cli(['apply'], { home, env: GOOD });
    const config = readHome(home, CONFIG);
    writeFileSync(join(home, LEDGER), '{"version":1,');
    const { status, stderr } = await cli(['apply'], { home, env: GOOD });
    expect([status, readHome(home, CONFIG)]).toEqual([0, config]);
    expect(stderr).toMatch(
      /^\S+registry-auth\.json: cannot be read in full; .*\[LEDGER_DAMAGED\]\n/,
    );
    expect(readdirSync(join(home, '.docker')).sort()).toEqual([
      'config.json',
      'registry-auth.json',
    ]);
    expect(await cli(['logout'], { home })).toMatchObject({ status: 0 });
  });

  test.each(['status', 'hook postStart', 'apply --prune', 'logout'])(
    'that holds what would control a terminal is told by %s without that',
    async (words) => {
      const evil = 'G\u001b[31m\nEVIL\u009b';
      const helper = { ours: ['"registry-auth"'] };
      const rows = {
        'r.io': { id: evil, provider: evil, helper },
        [evil]: { id: evil, provider: evil, theirs: true },
      };
      const logins = { [evil]: { user: 'u', secret: 'p' } };
      const ledger = { version: 2, secret: 'k', rows, logins, envFiles: [] };
      const config = { auths: {}, credHelpers: { 'r.io': 'registry-auth' }, credsStore: evil };
      const home = scratchHome({
        [CONFIG]: JSON.stringify(config),
        [LEDGER]: JSON.stringify(ledger),
      });
      const { stdout, stderr } = await cli(words.split(' '), { home });
      expect(stdout + stderr).toContain('G\\u001b[31m\\u000aEVIL\\u009b');
      expect(stdout + stderr).not.toMatch(/[^\P{Cc}\n]/u);
    },
  );
});
