import { describe, expect, test } from '@jest/globals';
import { CANARY, scratchHome } from '../support/process.ts';
import { triple } from '../support/triples.ts';
import { appliedHome, GOOD, loginsIn, MORE, newCli } from './support/cli.ts';

const cli = newCli();

const SERVER = 'BAD_CONTAINER_REGISTRY_SERVER';
const USER = 'BAD_CONTAINER_REGISTRY_USER';
const PASSWORD = 'BAD_CONTAINER_REGISTRY_PASSWORD';
const bad = (server: string, user = 'ada', password = CANARY) =>
  triple('BAD', server, user, password);
const ADA = { 'good.example': `ada:${CANARY}` };

const PROBLEMS = [
  {
    name: 'no password',
    env: { [SERVER]: 'b.io', [USER]: 'ada' },
    subject: PASSWORD,
    code: 'TRIPLE_INCOMPLETE',
  },
  {
    name: 'no user',
    env: { [SERVER]: 'b.io', [PASSWORD]: CANARY },
    subject: USER,
    code: 'TRIPLE_INCOMPLETE',
  },
  {
    name: 'no server',
    env: { [USER]: 'ada', [PASSWORD]: CANARY },
    subject: SERVER,
    code: 'TRIPLE_INCOMPLETE',
  },
  {
    name: 'a password alone',
    env: { [PASSWORD]: CANARY },
    subject: SERVER,
    code: 'TRIPLE_INCOMPLETE',
  },
  {
    name: 'an empty password',
    env: bad('b.io', 'ada', ''),
    subject: PASSWORD,
    code: 'TRIPLE_INCOMPLETE',
  },
  {
    name: 'a password of line ends',
    env: bad('b.io', 'ada', '\r\n'),
    subject: PASSWORD,
    code: 'TRIPLE_INCOMPLETE',
  },
  { name: 'an empty server', env: bad(''), subject: SERVER, code: 'TRIPLE_INCOMPLETE' },
  { name: 'a server of quotes', env: bad(' "" '), subject: SERVER, code: 'TRIPLE_INCOMPLETE' },
  { name: 'a user of blanks', env: bad('b.io', ' \t '), subject: USER, code: 'TRIPLE_INCOMPLETE' },
  { name: 'a server with a space', env: bad('b .io'), subject: SERVER, code: 'SERVER_INVALID' },
  {
    name: 'a server that is only a scheme',
    env: bad('https://'),
    subject: SERVER,
    code: 'SERVER_INVALID',
  },
  { name: 'another scheme', env: bad('ftp://b.io'), subject: SERVER, code: 'SERVER_INVALID' },
  { name: 'port 0', env: bad('b.io:0'), subject: SERVER, code: 'SERVER_INVALID' },
  { name: 'port 65536', env: bad('b.io:65536'), subject: SERVER, code: 'SERVER_INVALID' },
  { name: 'a port of letters', env: bad('b.io:http'), subject: SERVER, code: 'SERVER_INVALID' },
  { name: 'no port after the colon', env: bad('b.io:'), subject: SERVER, code: 'SERVER_INVALID' },
  {
    name: 'an underscore in the host',
    env: bad('b_b.io'),
    subject: SERVER,
    code: 'SERVER_INVALID',
  },
  { name: 'two dots', env: bad('b..io'), subject: SERVER, code: 'SERVER_INVALID' },
  { name: 'half an IPv6 address', env: bad('[::1'), subject: SERVER, code: 'SERVER_INVALID' },
  { name: 'a password as the server', env: bad(CANARY), subject: SERVER, code: 'SERVER_INVALID' },
  {
    name: 'letters that are not ASCII',
    env: bad('bücher.io'),
    subject: SERVER,
    code: 'SERVER_INVALID',
  },
  {
    name: 'a user with ":"',
    env: bad('b.io', `ada:${CANARY}`),
    subject: USER,
    code: 'USER_HAS_COLON',
  },
  {
    name: 'a user with a tab',
    env: bad('b.io', 'a\tda'),
    subject: USER,
    code: 'USER_HAS_CONTROL_CHARACTER',
  },
  {
    name: 'a user of two lines',
    env: bad('b.io', 'a\nda'),
    subject: USER,
    code: 'USER_HAS_CONTROL_CHARACTER',
  },
  {
    name: 'a Google key that is none',
    env: bad('gcr.io', '_json_key'),
    subject: PASSWORD,
    code: 'GOOGLE_KEY_INVALID',
  },
  {
    name: 'a name without an identifier',
    env: { CONTAINER_REGISTRY_PASSWORD: CANARY },
    subject: 'CONTAINER_REGISTRY_PASSWORD',
    code: 'ID_MISSING',
  },
  {
    name: 'a second ID for the registry, with another password',
    env: triple('LATER', 'https://GOOD.example/', 'ada', `${CANARY}2`),
    subject: 'LATER_CONTAINER_REGISTRY_SERVER',
    code: 'REGISTRY_CLAIMED_TWICE',
  },
];

describe.each(PROBLEMS)('$name', ({ env, subject, code }) => {
  // `subject: what [CODE]` and `fix: …`, with words in each place.
  const words = new RegExp(`^${subject}: \\S.* \\[${code}\\]\\n {2}fix: \\S.*\\n$`);

  test(`is ${code}, and the good triple is written`, async () => {
    const home = scratchHome();
    const finished = await cli(['apply'], { home, env: { ...GOOD, ...env } });
    expect(finished).toMatchObject({ status: 1, stderr: expect.stringMatching(words) });
    expect(loginsIn(home)).toEqual(ADA);
  });
});

test('a hook says the same about every bad triple, exits 0, and names no host or user', async () => {
  for (const { env, subject, code } of PROBLEMS.filter((_, index) => index % 3 === 0)) {
    const home = scratchHome();
    const finished = await cli(['hook', 'postStart'], { home, env: { ...GOOD, ...env } });
    expect(finished).toEqual({
      status: 0,
      stdout: 'registry-auth: 1 registry ready: GOOD (other)\n',
      stderr: expect.stringMatching(
        new RegExp(`^registry-auth: ${subject}: .* \\[${code}\\]\\n {2}fix: .*\\n${MORE}$`),
      ),
    });
    expect(finished.stderr).not.toMatch(/b\.io|good\.example|\bada\b/);
    expect(loginsIn(home)).toEqual(ADA);
  }
});

test('every bad triple of many is reported', async () => {
  const env = {
    ...GOOD,
    ...triple('ONE', 'a b', 'ada', CANARY),
    ...triple('TWO', 'b.io', 'a:b', CANARY),
    ...triple('THREE', 'b.io', 'ada', ''),
  };
  const home = scratchHome();
  const { status, stderr } = await cli(['apply'], { home, env });
  const codes = [...stderr.matchAll(/\[([A-Z_]+)\]$/gm)].map(([, code]) => code).sort();
  expect([status, codes]).toEqual([1, ['SERVER_INVALID', 'TRIPLE_INCOMPLETE', 'USER_HAS_COLON']]);
  expect(loginsIn(home)).toEqual(ADA);
});

describe('is put right, and said, with status 0:', () => {
  test.each([
    {
      name: 'quotes around',
      env: bad('"b.io"', " 'ada' "),
      codes: ['VALUE_TRIMMED', 'VALUE_TRIMMED'],
    },
    {
      name: 'a line break at the end',
      env: bad('b.io', 'ada', `${CANARY}\r\n`),
      codes: ['VALUE_TRIMMED'],
    },
    { name: 'a query', env: bad('https://b.io/?x=1'), codes: ['SERVER_SIMPLIFIED'] },
    {
      name: 'user information',
      env: bad(`https://ada:${CANARY.slice(0, 8)}@b.io`),
      codes: ['SERVER_SIMPLIFIED'],
    },
  ])('$name', async ({ env, codes }) => {
    const home = scratchHome();
    const { status, stderr } = await cli(['apply'], { home, env });
    const said = [...stderr.matchAll(/\[([A-Z_]+)\]$/gm)].map(([, code]) => code);
    expect([status, said]).toEqual([0, codes]);
    expect(loginsIn(home)).toEqual({ 'b.io': `ada:${CANARY}` });
  });
});

describe('a triple that is broken is not one that is gone: a hook in a codespace leaves its entry', () => {
  test.each<[string, Record<string, string>]>([
    ['without USER', { [SERVER]: 'b.io', [PASSWORD]: CANARY }],
    ['without SERVER', { [USER]: 'ada', [PASSWORD]: CANARY }],
    ['with PASSWORD alone', { [PASSWORD]: CANARY }],
    ['with a SERVER that names no host', { ...bad('b.io'), [SERVER]: 'a b' }],
    ['with a colon in USER', { ...bad('b.io'), [USER]: 'a:b' }],
  ])('%s', async (_, broken) => {
    const home = await appliedHome(cli, { ...GOOD, ...bad('b.io') });
    const env = { ...GOOD, ...broken, CODESPACES: 'true' };
    const { stderr } = await cli(['hook', 'postStart'], { home, env });
    expect(stderr).toMatch(/fix: /);
    expect(loginsIn(home)).toEqual({ ...ADA, 'b.io': `ada:${CANARY}` });
    const rest = { ...GOOD, CODESPACES: 'true' };
    await cli(['hook', 'postStart'], { home, env: rest });
    expect(loginsIn(home)).toEqual(ADA);
  });
});

describe('a triple whose PASSWORD was taken away', () => {
  const env = { ...GOOD, [SERVER]: 'b.io', [USER]: 'ada' };
  const home = () => appliedHome(cli, { ...GOOD, ...bad('b.io') });

  test('is gone where removal is allowed, and still said to lack a part', async () => {
    const pruned = await home();
    const codespace = { ...env, CODESPACES: 'true' };
    const { stderr } = await cli(['hook', 'postStart'], { home: pruned, env: codespace });
    expect(stderr).toContain('[TRIPLE_INCOMPLETE]');
    expect(loginsIn(pruned)).toEqual(ADA);
  });

  test('is left where it is not', async () => {
    const left = await home();
    expect(await cli(['apply'], { home: left, env })).toMatchObject({ status: 1 });
    expect(loginsIn(left)).toEqual({ ...ADA, 'b.io': `ada:${CANARY}` });
  });
});

test('two IDs with the same credential for one registry are no problem', async () => {
  const env = { ...GOOD, ...triple('SAME', 'https://good.example/', 'ada', CANARY) };
  expect(await cli(['apply'], { home: scratchHome(), env })).toMatchObject({
    status: 0,
    stderr: '',
  });
});
