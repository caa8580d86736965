import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CANARY, scratchHome } from '../support/process.ts';
import { triple } from '../support/triples.ts';
import { GOOD, loginsIn } from './support/cli.ts';
import { found, helper, SILENT } from './support/helper.ts';
import { install } from './support/installed.ts';

const cli = install();
const ADA = { 'good.example': `ada:${CANARY}` };
const TEAM = 'TEAM_CONTAINER_REGISTRY';
const PASSWORD = 'of the team #1';

/** The text of an env file with a whole triple, its lines written by the given rule. */
const team = (line: (name: string, value: string) => string, end = '\n') =>
  Object.entries(triple('TEAM', 'quay.io', 'bob', PASSWORD))
    .map(([name, value]) => line(name, value) + end)
    .join('');

const quoted = (name: string, value: string) => `${name}="${value}"`;

describe('an env file gives a whole triple, with', () => {
  test.each([
    { name: 'double quotes', text: team(quoted) },
    { name: 'single quotes', text: team((name, value) => `${name}='${value}'`) },
    { name: 'the ends of lines that Windows writes', text: team(quoted, '\r\n') },
    { name: 'a byte order mark', text: `\ufeff${team(quoted)}` },
    { name: 'export', text: team((name, value) => `export ${quoted(name, value)}`) },
    { name: 'spaces and comments', text: `# ours\n\n${team((n, v) => `  ${n} = "${v}"  # x`)}` },
    { name: 'lines that are none', text: `hello\n=\n${team(quoted)}` },
    { name: 'no line end at the end', text: team(quoted).trimEnd() },
  ])('$name', async ({ text }) => {
    const home = scratchHome({ 'team.env': text });
    const finished = await cli(['apply', '--env-file', 'team.env'], { home, env: GOOD });
    expect(finished).toMatchObject({ status: 0, stderr: '' });
    expect(loginsIn(home)).toEqual({ ...ADA, 'quay.io': `bob:${PASSWORD}` });
  });
});

test('the environment comes before an env file, and an earlier file before a later one', async () => {
  const line = (text: string) => text.replace('"of the team #1"', 'second');
  const home = scratchHome({
    'a.env': team(quoted),
    'b.env': line(team(quoted)),
    'c.env':
      'GOOD_CONTAINER_REGISTRY_SERVER=evil.example\nGOOD_CONTAINER_REGISTRY_USER=x\nGOOD_CONTAINER_REGISTRY_PASSWORD=x\n',
  });
  const files = ['a.env', 'b.env', 'c.env'].flatMap((name) => ['--env-file', name]);
  const { status, stdout } = await cli(['apply', '--json', ...files], { home, env: GOOD });
  expect(status).toBe(0);
  expect(JSON.parse(stdout).registries).toMatchObject([
    { id: 'GOOD', source: 'environment' },
    { id: 'TEAM', source: 'a.env' },
  ]);
  expect(loginsIn(home)).toEqual({ ...ADA, 'quay.io': `bob:${PASSWORD}` });
});

describe('an env file that cannot be read is said, and the good triple is written:', () => {
  test.each([
    { name: 'missing', path: 'none.env', what: 'does not exist' },
    { name: 'a directory', path: 'folder.env', what: 'is a directory' },
    { name: 'below a file', path: 'file/x.env', what: 'cannot be read' },
  ])('$name', async ({ path, what }) => {
    const home = scratchHome({ file: '' });
    mkdirSync(join(home, 'folder.env'));
    const finished = await cli(['apply', '--env-file', path], { home, env: GOOD });
    expect(finished).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        new RegExp(`^${path}: ${what}.* \\[ENV_FILE_UNREADABLE\\]\\n {2}fix: .*\\n$`),
      ),
    });
    expect(loginsIn(home)).toEqual(ADA);
  });
});

test("a file's triple is no newer statement than a login, whatever becomes of the file", async () => {
  const file = (password: string) =>
    team((name, value) => quoted(name, value)).replace(PASSWORD, password);
  const home = scratchHome({ 'team.env': file(PASSWORD) });
  const apply = (...words: string[]) =>
    cli(['apply', '--credentials', 'helper', '--env-file', 'team.env', ...words], {
      home,
      cwd: home,
    });
  const get = () => helper('get', 'quay.io', { home });
  await apply();
  expect(await get()).toEqual(found('quay.io', 'bob', PASSWORD));
  const login = { ServerURL: 'quay.io', Username: 'eve', Secret: 'by-hand' };
  expect(await helper('store', JSON.stringify(login), { home })).toEqual(SILENT);
  writeFileSync(join(home, 'team.env'), file('another'));
  expect(await get()).toEqual(found('quay.io', 'eve', 'by-hand'));
  await apply();
  expect(await get()).toEqual(found('quay.io', 'eve', 'by-hand'));
  await apply('--force');
  expect(await get()).toEqual(found('quay.io', 'bob', 'another'));
});

describe('all env files of a run have room for 1,000 variables together:', () => {
  const others = (prefix: string) =>
    Array.from({ length: 400 }, (_, index) => `${prefix}${index}=x\n`).join('');
  const fileOf = (id: string, server: string) =>
    others(id) +
    Object.entries(triple(id, server, 'bob', PASSWORD))
      .map(([name, value]) => `${quoted(name, value)}\n`)
      .join('');
  const files = {
    'a.env': fileOf('A', 'a.example'),
    'b.env': fileOf('B', 'b.example'),
    'big.env': fileOf('C', 'c.example') + others('D'),
    'full.env': fileOf('F', 'f.example'),
  };
  const BOB = `bob:${PASSWORD}`;
  const FULL =
    ': has more than 1,000 variables together with the files before it; ' +
    'none of its variables is used [ENV_FILE_UNREADABLE]\n' +
    '  fix: keep registries in a file of their own\n';

  test('a file that would go over that is not used, and the others are', async () => {
    const home = scratchHome(files);
    const words = ['a.env', 'big.env', 'b.env', 'full.env'].flatMap((one) => ['--env-file', one]);
    const finished = await cli(['apply', ...words], { home, env: GOOD });
    expect(finished).toMatchObject({ status: 1, stderr: `big.env${FULL}full.env${FULL}` });
    expect(loginsIn(home)).toEqual({ ...ADA, 'a.example': BOB, 'b.example': BOB });
  });

  test('a file that is remembered comes after those that are named', async () => {
    const home = scratchHome(files);
    const apply = (name: string) => cli(['apply', '--env-file', name], { home, env: GOOD });
    expect(await apply('b.env')).toMatchObject({ status: 0, stderr: '' });
    const finished = await apply('big.env');
    expect(finished).toMatchObject({ status: 1, stderr: `${join(home, 'b.env')}${FULL}` });
  });
});

describe('a triple is never joined from two sources, and that is said:', () => {
  const parts = { server: `${TEAM}_SERVER`, user: `${TEAM}_USER`, password: `${TEAM}_PASSWORD` };

  test('the password in the environment, a server in a file', async () => {
    const home = scratchHome({ 'evil.env': `${parts.server}=evil.example\n${parts.user}=x\n` });
    const env = { ...GOOD, [parts.password]: CANARY };
    const finished = await cli(['apply', '--env-file', 'evil.env'], { home, env });
    expect(finished.status).toBe(1);
    expect(finished.stderr).toContain('because all three must come from one source');
    expect(loginsIn(home)).toEqual(ADA);
  });

  test('each part in a file of its own', async () => {
    const home = scratchHome({
      'a.env': `${parts.server}=evil.example\n`,
      'b.env': `${parts.user}=x\n`,
      'c.env': `${parts.password}=${'p'.repeat(9)}\n`,
    });
    const files = ['a.env', 'b.env', 'c.env'].flatMap((name) => ['--env-file', name]);
    const finished = await cli(['apply', ...files], { home, env: GOOD });
    expect(finished.status).toBe(1);
    expect(finished.stderr.match(/\[TRIPLE_INCOMPLETE\]/g)).toHaveLength(3);
    expect(loginsIn(home)).toEqual(ADA);
  });

  test('a part in the environment, the whole in a file: the file is used, and the rest is said', async () => {
    const home = scratchHome({ 'team.env': team(quoted) });
    const env = { ...GOOD, [parts.server]: 'other.example' };
    const finished = await cli(['apply', '--env-file', 'team.env'], { home, env });
    expect(finished).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('[TRIPLE_INCOMPLETE]'),
    });
    expect(loginsIn(home)).toEqual({ ...ADA, 'quay.io': `bob:${PASSWORD}` });
  });
});

test('an env file cannot change how we run', async () => {
  const home = scratchHome({
    'run.cjs': 'console.log("taken over")',
    'evil.env': 'NODE_OPTIONS=--require=./run.cjs\nDOCKER_CONFIG=evil\nHOME=evil\n',
  });
  const finished = await cli(['apply', '--env-file', 'evil.env'], { home, env: GOOD });
  expect(finished).toMatchObject({ status: 0, stderr: '' });
  expect(finished.stdout).not.toContain('taken over');
  expect(loginsIn(home)).toEqual(ADA);
});

describe('the option envFiles', () => {
  test('names files relative to the workspace, for a hook', async () => {
    const home = scratchHome({ 'work/config/team.env': team(quoted) });
    const hooked = install({ envFiles: ['config/team.env'] });
    const finished = await hooked(['hook', 'onCreate'], { home, cwd: join(home, 'work') });
    const stdout = 'registry-auth: 1 registry ready: TEAM (quay)\n';
    expect(finished).toEqual({ status: 0, stdout, stderr: '' });
    expect(loginsIn(home)).toEqual({ 'quay.io': `bob:${PASSWORD}` });
  });
});

test('a remembered env file that has become a link is read no more, and its login is kept', async () => {
  const home = scratchHome({
    'team.env': team(quoted),
    'elsewhere.env': team(quoted).replace('bob', 'eve'),
  });
  await cli(['apply', '--env-file', 'team.env'], { home });
  rmSync(join(home, 'team.env'));
  symlinkSync('elsewhere.env', join(home, 'team.env'));
  await cli(['apply'], { home });
  expect(loginsIn(home)).toEqual({ 'quay.io': `bob:${PASSWORD}` });
});

test('a reference that nothing replaced is told once', async () => {
  const home = scratchHome({
    'team.env': team((name, value) => `${name}=${name.endsWith('_PASSWORD') ? '$TOKEN' : value}`),
  });
  const { stderr } = await cli(['apply', '--env-file', 'team.env'], { home });
  expect(stderr.match(/\[[A-Z_]+\]/g)).toEqual(['[ENV_FILE_VALUE]']);
});

test('a remembered env file that has become JSON costs no login', async () => {
  const home = scratchHome({ 'team.env': team(quoted) });
  await cli(['apply', '--env-file', 'team.env'], { home });
  writeFileSync(join(home, 'team.env'), JSON.stringify(triple('TEAM', 'quay.io', 'bob', CANARY)));
  for (const words of ['apply', 'status', 'check'])
    expect(await cli(words.split(' '), { home })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('is JSON, not NAME=value lines [ENV_FILE_FORM]'),
    });
  await cli(['hook', 'postStart'], { home, env: { CODESPACES: 'true' } });
  expect(loginsIn(home)).toEqual({ 'quay.io': `bob:${PASSWORD}` });
});
