import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { CANARY, scratchHome } from '../support/process.ts';
import { configWith, triple } from '../support/triples.ts';
import {
  appliedHome,
  CONFIG,
  GOOD,
  logInByHand,
  newCli,
  othersIn,
  readHome,
} from './support/cli.ts';

const cli = newCli();

describe('wrong usage is said on stderr alone, with status 2, and nothing is done', () => {
  test.each([
    { words: 'dance', line: 'dance: is not a registry-auth command' },
    { words: 'apply now', line: 'apply: takes names only with --prune' },
    { words: 'apply --fast', line: 'apply: unknown option --fast' },
    {
      words: 'apply --credentials',
      line: 'apply: --credentials needs a value',
    },
    { words: 'apply --credentials=both', line: 'apply: --credentials must be file or helper' },
    { words: 'apply --json=yes', line: 'apply: --json takes no value' },
    { words: 'status a.io b.io', line: 'status: takes one ID, registry or image' },
    { words: 'logout --all', line: 'logout: unknown option --all' },
    { words: 'hook', line: 'hook: needs one of onCreate, updateContent, postCreate, postStart' },
    { words: 'hook onCreate --fast', line: 'hook: unknown option --fast' },
  ])('$words', async ({ words, line }) => {
    const home = scratchHome();
    expect(await cli(words.split(' '), { home, env: GOOD })).toEqual({
      status: 2,
      stdout: '',
      stderr: `${line} [USAGE]\n  fix: run registry-auth ${words === 'dance' ? '' : `${words.split(' ')[0]} `}--help\n`,
    });
    expect(readdirSync(home)).toEqual([]);
  });
});

describe('on stdout alone, with status 0', () => {
  const home = scratchHome();

  test.each(['', '--help', '-h', 'help', '--help apply'])(
    'help, when asked with "%s"',
    async (words) => {
      const finished = await cli(words.split(' ').filter(Boolean), { home, env: GOOD });
      expect(finished).toMatchObject({ status: 0, stderr: '' });
      expect(finished.stdout).toMatch(/^registry-auth: .*\nexit status: .*\nmore: .*\n$/s);
      expect(
        finished.stdout.split('\n').filter((line) => line.length > 80 && !/^more/.test(line)),
      ).toEqual([]);
      expect(readdirSync(home)).toEqual([]);
    },
  );

  test.each(['--version', '-v', '-V', 'version'])(
    'the version first, when asked with %s',
    async (word) => {
      const { version } = JSON.parse(readHome('.', 'devcontainer-feature.json'));
      const finished = await cli([word], { home });
      expect(finished).toMatchObject({ status: 0, stderr: '' });
      expect(finished.stdout.split('\n')[0]).toBe(`registry-auth ${version}`);
    },
  );
});

describe('without any triple', () => {
  test.each([
    { words: 'apply', stdout: 'no registry secrets found; nothing to do\n' },
    { words: 'hook onCreate', stdout: 'registry-auth: no registry secrets found; nothing to do\n' },
    {
      words: 'hook postStart',
      stdout: 'registry-auth: no registry secrets found; nothing to do\n',
    },
    {
      words: 'status',
      stdout: '~/.docker/config.json\n  no registry secrets found, and nothing written\n',
    },
  ])('$words says one quiet thing and makes no file', async ({ words, stdout }) => {
    const home = scratchHome();
    expect(await cli(words.split(' '), { home })).toEqual({ status: 0, stdout, stderr: '' });
    expect(readdirSync(home)).toEqual([]);
  });
});

describe('what a person reads', () => {
  const env = { ...GOOD, ...triple('HUB', 'docker.io', 'ada', CANARY) };
  const rows = (outcome: string) =>
    [
      `  GOOD  other       good.example                 ${outcome}`,
      `  HUB   docker-hub  https://index.docker.io/v1/  ${outcome}`,
      `                    docker.io                    ${outcome}`,
      '',
    ].join('\n');

  test('of apply: each key and what became of it', async () => {
    const home = scratchHome();
    const first = await cli(['apply'], { home, env });
    expect(first).toEqual({
      status: 0,
      stdout: `~/.docker/config.json: changed\n${rows('written')}`,
      stderr: '',
    });
    const second = await cli(['apply'], { home, env });
    expect(second.stdout).toBe(`~/.docker/config.json: nothing to change\n${rows('unchanged')}`);
  });

  test('of a dry run: what would be done, and nothing is done', async () => {
    const home = scratchHome();
    expect(await cli(['apply', '--dry-run'], { home, env })).toEqual({
      status: 0,
      stdout: `~/.docker/config.json: would be changed (dry run, nothing written)\n${rows('would be written')}`,
      stderr: '',
    });
    expect(readdirSync(home)).toEqual([]);
  });

  test('of a hook: IDs and providers, and no host', async () => {
    const home = scratchHome();
    expect(await cli(['hook', 'onCreate'], { home, env })).toEqual({
      status: 0,
      stdout: 'registry-auth: 2 registries ready: GOOD (other), HUB (docker-hub)\n',
      stderr: '',
    });
  });

  test('of a login that is kept: a notice, which changes no exit status', async () => {
    const home = await appliedHome(cli, GOOD);
    logInByHand(home, 'good.example', 'bob', 'by-hand');
    const { status, stdout, stderr } = await cli(['apply'], { home, env: GOOD });
    expect([status, stderr]).toEqual([
      0,
      'GOOD: a login made by you or by another program is kept, because the secret has not changed since [LOGIN_KEPT]\n' +
        '  fix: run registry-auth apply --force to use the secret instead\n',
    ]);
    expect(stdout).toContain('  GOOD  other       good.example  kept: your own login\n');
  });

  test('of an entry that was there already: it is unchanged, and only our record is new', async () => {
    const before = configWith({ 'good.example': ['ada', CANARY] });
    const home = scratchHome({ [CONFIG]: before });
    const apply = async () => (await cli(['apply'], { home, env: GOOD })).stdout;
    const row = '  GOOD  other       good.example  unchanged\n';
    expect(await apply()).toBe(`~/.docker/config.json: changed\n${row}`);
    expect(othersIn(home)).toEqual(JSON.parse(before));
    expect(await apply()).toBe(`~/.docker/config.json: nothing to change\n${row}`);
  });
});
