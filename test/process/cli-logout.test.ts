import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CANARY, scratchHome } from '../support/process.ts';
import { configWith, entry, triple } from '../support/triples.ts';
import { appliedHome, CONFIG, copyOf, GOOD, loginsIn, newCli, readHome } from './support/cli.ts';
import { found, helper, NOT_FOUND } from './support/helper.ts';

const cli = newCli();
const env = {
  ...GOOD,
  ...triple('HUB', 'docker.io', 'ada', CANARY),
  ...triple('TEAM', 'quay.io/team', 'ada', CANARY),
};
const THEIRS = configWith({ 'a.io': ['bob', 'x'], 'good.example': ['bob', 'old'] });
const ALL = [
  'a.io',
  'docker.io',
  'good.example',
  'https://index.docker.io/v1/',
  'quay.io',
  'quay.io/team',
];

let applied: string;
let home: string;
beforeAll(async () => {
  applied = await appliedHome(cli, env, { [CONFIG]: THEIRS });
});
beforeEach(() => {
  home = copyOf(applied);
});

const logout = (...names: string[]) => cli(['logout', ...names], { home, env });
const without = (...keys: string[]) => ALL.filter((key) => !keys.includes(key));
const keys = () => Object.keys(loginsIn(home)).sort();

describe('logout of', () => {
  const HUB = ['docker.io', 'https://index.docker.io/v1/'];
  const QUAY = ['quay.io', 'quay.io/team'];
  test.each([
    { names: ['HUB'], gone: HUB },
    { names: ['docker.io'], gone: HUB },
    { names: ['https://index.docker.io/v1/'], gone: HUB },
    { names: ['hub.docker.com'], gone: HUB },
    { names: ['TEAM'], gone: QUAY },
    { names: ['quay.io'], gone: QUAY },
    { names: ['quay.io/team'], gone: QUAY },
    { names: ['https://QUAY.io/', 'HUB'], gone: [...QUAY, ...HUB] },
  ])('$names removes every key of it', async ({ names, gone }) => {
    expect(await logout(...names)).toMatchObject({ status: 0, stderr: '' });
    expect(keys()).toEqual(without(...gone));
  });

  test('an ID whose entry replaced another puts that one back', async () => {
    const { status, stdout } = await logout('GOOD');
    expect([status, stdout]).toEqual([
      0,
      '~/.docker/config.json: changed\n  GOOD  other       good.example  the login before ours is back\n',
    ]);
    expect(loginsIn(home)).toMatchObject({ 'good.example': 'bob:old', 'a.io': 'bob:x' });
  });

  test('everything gives back the first bytes, and leaves no record', async () => {
    expect(await logout()).toMatchObject({ status: 0, stderr: '' });
    expect(readHome(home, CONFIG)).toBe(THEIRS);
    expect(readdirSync(join(home, '.docker'))).toEqual(['config.json']);
  });

  test('everything that our own file held leaves an empty file, and no record', async () => {
    home = await appliedHome(cli, GOOD);
    expect(await logout()).toMatchObject({ status: 0 });
    expect(readHome(home, CONFIG)).toBe('{\n\t"auths": {}\n}');
    expect(readdirSync(join(home, '.docker'))).toEqual(['config.json']);
  });

  test('what nobody knows is said, and the rest is done', async () => {
    const finished = await logout('nobody', 'GOOD', 'no.such.io');
    const line = (name: string) =>
      `${name}: is not an ID or host that registry-auth wrote an entry for [NOTHING_TO_LOG_OUT]\n` +
      '  fix: run registry-auth status to see what there is\n';
    expect(finished).toMatchObject({ status: 1, stderr: line('nobody') + line('no.such.io') });
    expect(loginsIn(home)['good.example']).toBe('bob:old');
  });

  test('an address that nobody knows is said without the password in it', async () => {
    const { stderr } = await logout(`https://ada:${CANARY}@no.such.io`);
    expect(stderr).toMatch(/^no\.such\.io: is not an ID or host/);
  });

  test("somebody's own entry is said, and leaves it", async () => {
    expect(await logout('a.io')).toMatchObject({ status: 1, stdout: '' });
    expect(keys()).toEqual(ALL);
  });

  test('an ID whose entry was changed by hand since leaves that login', async () => {
    const config = JSON.parse(readHome(home, CONFIG));
    config.auths['quay.io'] = entry('eve', 'by-hand');
    writeFileSync(join(home, CONFIG), JSON.stringify(config));
    expect(await logout('TEAM')).toMatchObject({ status: 0 });
    expect(keys()).toEqual(without('quay.io/team'));
    expect(loginsIn(home)['quay.io']).toBe('eve:by-hand');
  });
});

describe('a login that our helper holds for a host that no triple names', () => {
  const HOST = 'new.example';
  const NOTICE = `${HOST}: the login that our helper stored is removed [LOGIN_FORGOTTEN]\n`;
  const get = () => helper('get', HOST, { home });
  beforeEach(async () => {
    const login = JSON.stringify({ ServerURL: HOST, Username: 'bob', Secret: CANARY });
    await helper('store', login, { home });
    expect(await get()).toEqual(found(HOST, 'bob', CANARY));
  });

  test.each([
    { of: 'everything', names: [] },
    { of: 'its host', names: [HOST] },
    { of: 'an address of it', names: [`https://${HOST}/v2/`] },
  ])('goes with a logout of $of, which says so', async ({ names }) => {
    const { status, stderr } = await logout(...names);
    expect({ status, stderr }).toEqual({ status: 0, stderr: NOTICE });
    expect(await get()).toEqual(NOT_FOUND);
  });

  test('goes with a logout of another, too: no client asks our helper for it', async () => {
    expect(await logout('GOOD')).toMatchObject({ status: 0, stderr: '' });
    expect(await get()).toEqual(NOT_FOUND);
    expect(readdirSync(join(home, '.docker'))).toEqual(['config.json']);
  });

  test('stays with a logout of another where our helper is named for it', async () => {
    const config = JSON.parse(readHome(home, CONFIG));
    const credHelpers = { [HOST]: 'registry-auth' };
    writeFileSync(join(home, CONFIG), JSON.stringify({ ...config, credHelpers }));
    expect(await logout('GOOD')).toMatchObject({ status: 0, stderr: '' });
    expect(await get()).toEqual(found(HOST, 'bob', CANARY));
  });
});

describe('after logout', () => {
  test('a second logout has nothing to do, and does not speak of secrets', async () => {
    await logout();
    const { status, stdout } = await logout();
    expect(status).toBe(0);
    expect(stdout).not.toMatch(/secrets found/);
  });

  test('apply writes again what is still in the environment', async () => {
    const before = readHome(home, CONFIG);
    await logout();
    await cli(['apply'], { home, env });
    expect(readHome(home, CONFIG)).toBe(before);
  });

  test('an empty home is as empty as before', async () => {
    const bare = scratchHome();
    expect(await cli(['logout'], { home: bare, env })).toMatchObject({ status: 0, stderr: '' });
    expect(readdirSync(bare)).toEqual([]);
  });
});
