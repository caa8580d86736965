import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { CANARY, scratchHome } from '../support/process.ts';
import { configWith, triple } from '../support/triples.ts';
import { appliedHome, copyOf, LOGINS, newCli } from './support/cli.ts';
import { absent, found, helper, NOT_FOUND, SILENT } from './support/helper.ts';

const HOST = 'reg.example.com';
const env = triple('ACME', HOST, 'ada', CANARY);
const rotated = triple('ACME', HOST, 'ada', 'a-newer-password');
const cli = newCli();

const login = (ServerURL: string, Username: string, Secret: string) =>
  `${JSON.stringify({ ServerURL, Username, Secret })}\n`;

let applied: string;
let managed: string;
beforeAll(async () => {
  applied = await appliedHome(cli, env);
  managed = scratchHome();
  await cli(['apply', '--credentials', 'helper'], { home: managed, env });
  expect(await helper('store', login(HOST, 'bob', 'made-by-hand'), { home: managed, env })).toEqual(
    SILENT,
  );
});

/** A home in which our helper answers, and in which bob has logged in. */
const homeOfBob = () => copyOf(managed);

const get = (home: string, variables: Record<string, string>, asked = HOST) =>
  helper('get', asked, { home, env: variables });

describe('a login that was stored', () => {
  test('is what get answers, for every spelling of the host', async () => {
    const home = homeOfBob();
    for (const asked of [HOST, `https://${HOST}/v2/`, `${HOST}:443`, `${HOST}/team/app`])
      expect(await get(home, env, asked)).toEqual(found(asked, 'bob', 'made-by-hand'));
  });

  test('is what get answers in a shell without the secrets', async () => {
    expect(await get(homeOfBob(), {})).toEqual(found(HOST, 'bob', 'made-by-hand'));
  });

  test('is what list names', async () => {
    const { stdout } = await helper('list', '', { home: homeOfBob(), env });
    expect(stdout).toBe(`{"${HOST}":"bob"}\n`);
  });

  test('stays through apply', async () => {
    const home = homeOfBob();
    const finished = await cli(['apply', '--credentials', 'helper'], { home, env });
    expect(finished).toMatchObject({ status: 0, stderr: expect.stringContaining('LOGIN_KEPT') });
    expect(await get(home, env)).toEqual(found(HOST, 'bob', 'made-by-hand'));
  });

  test('gives way to a secret that changed later, before any apply', async () => {
    const home = homeOfBob();
    expect(await get(home, rotated)).toEqual(found(HOST, 'ada', 'a-newer-password'));
  });

  test('gives way to a secret that changed later, and apply forgets it', async () => {
    const home = homeOfBob();
    await cli(['apply', '--credentials', 'helper'], { home, env: rotated });
    expect(await get(home, {})).toEqual(absent('ACME'));
  });

  test('is at rest in the file of logins alone, 0600', async () => {
    const home = homeOfBob();
    expect(readFileSync(join(home, '.docker', 'config.json'), 'utf8')).not.toContain('made-by');
    const logins = join(home, LOGINS);
    expect(JSON.parse(readFileSync(logins, 'utf8'))).toEqual({
      [HOST]: {
        user: 'bob',
        secret: 'made-by-hand',
        triple: expect.stringMatching(/^[0-9a-f]{4}$/),
      },
    });
    expect(statSync(logins).mode & 0o777).toBe(0o600);
  });

  test('for a host that no triple names is answered too', async () => {
    const home = scratchHome();
    expect(await helper('store', login('new.example', 'bob', 'x'), { home })).toEqual(SILENT);
    expect(await get(home, {}, 'new.example')).toEqual(found('new.example', 'bob', 'x'));
    expect(statSync(join(home, '.docker')).mode & 0o777).toBe(0o700);
  });

  test('as an identity token is answered as one', async () => {
    const home = scratchHome();
    await helper('store', login(HOST, '<token>', 'an-identity-token'), { home });
    expect(await get(home, {})).toEqual(found(HOST, '<token>', 'an-identity-token'));
  });

  test('of 60 KiB is answered whole', async () => {
    const home = scratchHome();
    const secret = 'x'.repeat(61_440);
    expect(await helper('store', login(HOST, 'bob', secret), { home })).toEqual(SILENT);
    expect(await get(home, {})).toEqual(found(HOST, 'bob', secret));
  });

  test('to Docker Hub is found under each of its names', async () => {
    const home = scratchHome();
    await helper('store', login('https://index.docker.io/v1/', 'bob', 'x'), { home });
    for (const asked of ['docker.io', 'index.docker.io', 'https://index.docker.io/v1/'])
      expect(await get(home, {}, asked)).toEqual(found(asked, 'bob', 'x'));
  });
});

describe('a login that was erased', () => {
  test('is not found, though the secret is still there', async () => {
    const home = homeOfBob();
    expect(await helper('erase', HOST, { home, env })).toEqual(SILENT);
    expect(await get(home, env)).toEqual(NOT_FOUND);
    expect(await get(home, {})).toEqual(NOT_FOUND);
  });

  test('is back when the secret changes', async () => {
    const home = homeOfBob();
    await helper('erase', HOST, { home, env });
    expect(await get(home, rotated)).toEqual(found(HOST, 'ada', 'a-newer-password'));
  });

  test('is no longer said to be ready by status', async () => {
    const home = homeOfBob();
    await helper('erase', HOST, { home, env });
    const { stdout } = await cli(['status', '--json'], { home, env });
    expect(JSON.parse(stdout).keys).not.toMatchObject([{ state: 'helper' }]);
  });

  test('of a host that nobody knows changes nothing', async () => {
    const home = homeOfBob();
    const before = readFileSync(join(home, LOGINS), 'utf8');
    expect(await helper('erase', 'https://other.example', { home, env })).toEqual(SILENT);
    expect(readFileSync(join(home, LOGINS), 'utf8')).toBe(before);
  });
});

describe('a file entry', () => {
  test('answers in a shell without the secrets', async () => {
    expect(await get(applied, {})).toEqual(found(HOST, 'ada', CANARY));
  });

  test('gives way to the triple in the environment', async () => {
    expect(await get(applied, rotated)).toEqual(found(HOST, 'ada', 'a-newer-password'));
  });

  test('with an identity token is answered as one', async () => {
    const auth = Buffer.from('00000000-0000-0000-0000-000000000000:').toString('base64');
    const config = JSON.stringify({ auths: { [HOST]: { auth, identitytoken: 'a-token' } } });
    const home = scratchHome({ '.docker/config.json': config });
    expect(await get(home, {})).toEqual(found(HOST, '<token>', 'a-token'));
  });

  test('of a namespace answers for the images below it', async () => {
    const logins = { 'quay.io/team': ['bob', 'x'], 'quay.io': ['ada', 'y'] } as const;
    const home = scratchHome({ '.docker/config.json': configWith(logins) });
    const asked = 'quay.io/team/app';
    expect(await get(home, {}, asked)).toEqual(found(asked, 'bob', 'x'));
    expect(await get(home, {}, 'quay.io/teams')).toEqual(found('quay.io/teams', 'ada', 'y'));
  });
});
