import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CANARY, expectNoSecret, scratchHome } from '../support/process.ts';
import { configWith, triple } from '../support/triples.ts';
import { loginsIn, newCli } from './support/cli.ts';
import { found, helper, NOT_FOUND, refused, SILENT } from './support/helper.ts';

const HOST = 'reg.example.com';
const env = triple('ACME', HOST, 'ada', CANARY);
const CONFIG = '.docker/config.json';
const LOGINS = '.docker/registry-auth-logins.json';
const FILE = configWith({ [HOST]: ['bob', 'in-the-file'] });
const LOGIN = JSON.stringify({ ServerURL: HOST, Username: 'eve', Secret: CANARY });

const ADA = found(HOST, 'ada', CANARY);
const BOB = found(HOST, 'bob', 'in-the-file');

/** As a newer version may write them, beside an entry. */
const NEWER = JSON.stringify({
  ...JSON.parse(FILE),
  plugins: { 'registry-auth': { [HOST]: 'ACME entry:01234567 colour:red' } },
});

describe.each([
  { name: 'no file', files: {}, without: NOT_FOUND },
  { name: 'an empty config.json', files: { [CONFIG]: '' }, without: NOT_FOUND },
  { name: 'a config.json that is no JSON', files: { [CONFIG]: '{"auths":' }, without: NOT_FOUND },
  { name: 'a config.json that is an array', files: { [CONFIG]: '[]' }, without: NOT_FOUND },
  { name: 'a config.json that is null', files: { [CONFIG]: 'null' }, without: NOT_FOUND },
  { name: 'auths that are null', files: { [CONFIG]: '{"auths":null}' }, without: NOT_FOUND },
  { name: 'auths that are text', files: { [CONFIG]: '{"auths":"x"}' }, without: NOT_FOUND },
  { name: 'a null entry', files: { [CONFIG]: `{"auths":{"${HOST}":null}}` }, without: NOT_FOUND },
  {
    name: 'an entry of bad base64',
    files: { [CONFIG]: `{"auths":{"${HOST}":{"auth":"%%%"}}}` },
    without: NOT_FOUND,
  },
  {
    name: 'an entry without a colon',
    files: { [CONFIG]: `{"auths":{"${HOST}":{"auth":"YWRh"}}}` },
    without: NOT_FOUND,
  },
  { name: 'an empty file of logins', files: { [CONFIG]: FILE, [LOGINS]: '' }, without: BOB },
  { name: 'logins that are no JSON', files: { [CONFIG]: FILE, [LOGINS]: '{' }, without: BOB },
  { name: 'logins that are null', files: { [CONFIG]: FILE, [LOGINS]: 'null' }, without: BOB },
  {
    name: 'logins of odd shape',
    files: { [CONFIG]: FILE, [LOGINS]: `{"${HOST}":{"user":1}}` },
    without: BOB,
  },
  { name: 'a record of a newer version', files: { [CONFIG]: NEWER }, without: BOB },
])('with $name', ({ files, without }) => {
  const home = scratchHome(files as Record<string, string>);

  test('get answers from the environment', async () => {
    expect(await helper('get', HOST, { home, env })).toEqual(ADA);
  });

  test('get answers from what can still be read in a shell without the secrets', async () => {
    expect(await helper('get', HOST, { home })).toEqual(without);
  });
});

describe('get answers from the environment', () => {
  test('without HOME', async () => {
    const options = { env: { ...env, HOME: undefined } };
    expect(await helper('get', HOST, options)).toEqual(ADA);
  });

  test('in a home that does not exist', async () => {
    expect(await helper('get', HOST, { env, home: join(scratchHome(), 'none') })).toEqual(ADA);
  });

  test('as list does, where neither file can be read', async () => {
    const home = scratchHome({ [CONFIG]: '[', [LOGINS]: '{' });
    const stdout = `{"${HOST}":"ada"}\n`;
    expect(await helper('list', '', { home, env })).toEqual({ status: 0, stdout, stderr: '' });
  });

  test('where config.json is a directory', async () => {
    const home = scratchHome();
    mkdirSync(join(home, CONFIG), { recursive: true });
    expect(await helper('get', HOST, { home, env })).toEqual(ADA);
  });

  test('where another triple is broken', async () => {
    const broken = { BAD_CONTAINER_REGISTRY_SERVER: 'a b', ...env };
    expect(await helper('get', HOST, { home: scratchHome(), env: broken })).toEqual(ADA);
  });
});

describe('store and erase refuse in one line', () => {
  const refusal = (code: string) =>
    refused(new RegExp(`^registry-auth: .*; fix: .* \\[${code}\\]\\n$`));

  test.each([
    { name: 'logins that are no JSON', logins: '{' },
    { name: 'logins of another shape', logins: '{"r.io":{"user":"bob","token":"x"}}' },
    { name: 'logins that are a list', logins: '[]' },
  ])('$name, and leave them as they are', async ({ logins }) => {
    const home = scratchHome({ [LOGINS]: logins });
    expect(await helper('store', LOGIN, { home, env })).toEqual(refusal('LOGINS_DAMAGED'));
    expect(await helper('erase', HOST, { home, env })).toEqual(refusal('LOGINS_DAMAGED'));
    expect(await newCli()(['apply'], { home, env })).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('[LOGINS_DAMAGED]'),
    });
    expect(readFileSync(join(home, LOGINS), 'utf8')).toBe(logins);
  });

  test('and do not where only a record is of a newer version', async () => {
    const home = scratchHome({ [CONFIG]: NEWER });
    expect(await helper('store', LOGIN, { home, env })).toEqual(SILENT);
    expect(await helper('get', HOST, { home })).toEqual(found(HOST, 'eve', CANARY));
    expect(readFileSync(join(home, CONFIG), 'utf8')).toBe(NEWER);
  });

  test('a missing HOME', async () => {
    const options = { env: { ...env, HOME: undefined } };
    expect(await helper('store', LOGIN, options)).toEqual(refusal('HOME_MISSING'));
  });

  test('a directory that is a file', async () => {
    const home = scratchHome({ '.docker': 'a file' });
    const finished = await helper('store', LOGIN, { home, env });
    expect(finished).toEqual(refusal('CONFIG_NOT_READABLE'));
    expectNoSecret(finished.stdout, [CANARY]);
  });
});

describe('an env file', () => {
  test('is read again by get, wherever it is called, and by nobody else', async () => {
    const home = scratchHome();
    const variables = Object.entries(triple('TEAM', 'quay.io', 'eve', 'in-the-env-file'));
    writeFileSync(join(home, 'team.env'), variables.map(([k, v]) => `${k}=${v}\n`).join(''));
    const args = ['apply', '--env-file', 'team.env', '--credentials', 'helper'];
    expect(await newCli()(args, { home, cwd: home })).toMatchObject({ status: 0 });
    const answer = found('quay.io', 'eve', 'in-the-env-file');
    expect(await helper('get', 'quay.io', { home, cwd: '/' })).toEqual(answer);
    expectNoSecret({ folder: join(home, '.docker') }, ['in-the-env-file']);
  });
});

describe('GITHUB_TOKEN', () => {
  const codespace = { CODESPACES: 'true', GITHUB_USER: 'octocat', GITHUB_TOKEN: CANARY };

  test('answers for ghcr.io where apply put it, and follows each new one', async () => {
    const home = scratchHome();
    await newCli()(['apply'], { home, env: codespace });
    const renewed = { ...codespace, GITHUB_TOKEN: 'another-token' };
    expect(await helper('get', 'ghcr.io', { home, env: renewed })).toEqual(
      found('ghcr.io', 'octocat', 'another-token'),
    );
  });

  test('of a triple with that ID is a secret as any other', async () => {
    const home = scratchHome({ [CONFIG]: configWith({ 'reg.example.com': ['bob', 'old'] }) });
    const env = triple('GITHUB_TOKEN', 'reg.example.com', 'ada', CANARY);
    const answer = found('reg.example.com', 'ada', CANARY);
    expect(await helper('get', 'reg.example.com', { home, env })).toEqual(answer);
    expect(await newCli()(['apply'], { home, env })).toMatchObject({ status: 0, stderr: '' });
    expect(loginsIn(home)).toEqual({ 'reg.example.com': `ada:${CANARY}` });
  });

  test("does not take the place of somebody's own entry", async () => {
    const config = configWith({ 'ghcr.io': ['bob', 'own-token'] });
    const home = scratchHome({ [CONFIG]: config });
    await newCli()(['hook', 'postCreate'], { home, env: codespace });
    expect(readFileSync(join(home, CONFIG), 'utf8')).toBe(config);
    expect(await helper('get', 'ghcr.io', { home, env: codespace })).toEqual(
      found('ghcr.io', 'bob', 'own-token'),
    );
  });
});
