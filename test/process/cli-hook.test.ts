import { describe, expect, test } from '@jest/globals';
import { CANARY, expectNoSecret, scratchHome } from '../support/process.ts';
import { triple } from '../support/triples.ts';
import {
  CONFIG,
  GOOD,
  LOGINS,
  logInByHand,
  loginsIn,
  othersIn,
  readHome,
  recordsIn,
} from './support/cli.ts';
import { helper, NOT_FOUND, refused, SILENT } from './support/helper.ts';
import { install } from './support/installed.ts';

const BAD = triple('BAD', 'a b', 'ada', CANARY);
const CODESPACE = { CODESPACES: 'true', GITHUB_USER: 'octocat', GITHUB_TOKEN: CANARY };
const PREBUILD = { ...CODESPACE, ACTIONS_ID_TOKEN_REQUEST_URL: 'http://localhost/' };
const READY = 'registry-auth: 1 registry ready: GOOD (other)\n';

describe('a hook', () => {
  test('has the real status with the option strict', async () => {
    const cli = install({ strict: true });
    const home = scratchHome();
    const env = { ...GOOD, ...BAD };
    expect(await cli(['hook', 'onCreate'], { home, env })).toMatchObject({
      status: 1,
      stdout: READY,
    });
    expect(await cli(['hook', 'onCreate'], { home, env: GOOD })).toMatchObject({ status: 0 });
  });

  test('writes no secret with the option credentials: helper', async () => {
    const home = scratchHome();
    const cli = install({ credentials: 'helper' });
    const finished = await cli(['hook', 'onCreate'], { home, env: GOOD });
    const ready = '1 registry ready through our credential helper, with no secret written';
    const stdout = `registry-auth: ${ready}: GOOD (other)\n`;
    expect(finished).toEqual({ status: 0, stdout, stderr: '' });
    expectNoSecret({ folder: home }, [CANARY]);
  });

  test('calls nothing ready that it leaves to your own login', async () => {
    const home = scratchHome();
    const cli = install();
    await cli(['hook', 'postCreate'], { home, env: GOOD });
    logInByHand(home, 'good.example', 'bob', 'by-hand');
    const { status, stdout, stderr } = await cli(['hook', 'postStart'], { home, env: GOOD });
    const kept = 'registry-auth: left to your own login: GOOD (other)\n';
    expect([status, stdout, stderr]).toEqual([0, kept, expect.stringContaining('[LOGIN_KEPT]')]);
  });

  test('removes what has no secret any more in a codespace, and nowhere else', async () => {
    const home = scratchHome();
    const cli = install({ githubToken: false });
    await cli(['hook', 'postStart'], { home, env: GOOD });
    await cli(['hook', 'postStart'], { home });
    expect(Object.keys(loginsIn(home))).toEqual(['good.example']);
    const { status, stdout } = await cli(['hook', 'postStart'], { home, env: CODESPACE });
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining('removed, because the secrets are gone: GOOD (other)\n'),
    ]);
  });

  test('removes nothing before postCreate, when secrets of the user are not there yet', async () => {
    const home = scratchHome();
    const cli = install({ githubToken: false });
    await cli(['hook', 'postStart'], { home, env: GOOD });
    for (const phase of ['onCreate', 'updateContent']) {
      await cli(['hook', phase], { home, env: { ...CODESPACE, ACTION_NAME: 'create' } });
      expect([phase, recordsIn(home)]).toEqual([phase, { 'good.example': expect.any(String) }]);
    }
    const { stdout } = await cli(['hook', 'postCreate'], { home, env: CODESPACE });
    expect(stdout).toContain('removed, because the secrets are gone: GOOD (other)\n');
    expect(recordsIn(home)).toEqual({});
  });

  test('writes no secret in a prebuild, and says nothing of it', async () => {
    const home = scratchHome();
    const finished = await install()(['hook', 'onCreate'], { home, env: { ...GOOD, ...PREBUILD } });
    expect(finished).toMatchObject({ status: 0, stderr: '' });
    expect(Object.keys(othersIn(home))).toEqual(['auths', 'credHelpers']);
    expectNoSecret({ folder: home }, [CANARY]);
  });

  test('leaves no checksum in a snapshot, and makes them at postCreate', async () => {
    const home = scratchHome();
    const cli = install({ githubToken: false });
    const plugins = () => JSON.parse(readHome(home, CONFIG)).plugins;
    await cli(['hook', 'onCreate'], { home, env: { ...GOOD, ...PREBUILD } });
    expect(plugins()).toEqual({ 'registry-auth': { 'good.example': 'GOOD helper' } });
    await cli(['hook', 'postCreate'], { home, env: { ...GOOD, ...CODESPACE } });
    expect(plugins()).toEqual({
      'registry-auth': {
        'good.example': expect.stringMatching(/^GOOD entry:[0-9a-f]{8} secret:[0-9a-f]{8}$/),
      },
      'registry-auth-state': { postCreate: 'done' },
    });
    expect(loginsIn(home)).toEqual({ 'good.example': `ada:${CANARY}` });
  });

  test.each(['apply', 'hook onCreate'])(
    '%s takes a codespace that says nothing for a prebuild, until postCreate has run',
    async (words) => {
      const home = scratchHome();
      const cli = install();
      const env = { ...GOOD, ...CODESPACE };
      await cli(words.split(' '), { home, env });
      expectNoSecret({ folder: home }, [CANARY]);
      await cli(['hook', 'postCreate'], { home, env });
      await cli(words.split(' '), { home, env });
      expect(loginsIn(home)).toMatchObject({ 'good.example': `ada:${CANARY}` });
    },
  );

  test('refuses a docker login through our helper in a prebuild, and says why', async () => {
    const home = scratchHome();
    const input = JSON.stringify({ ServerURL: 'r.io', Username: 'bob', Secret: CANARY });
    const env = { ...GOOD, ...PREBUILD };
    await install()(['hook', 'onCreate'], { home, env });
    expect(await helper('store', input, { home, env })).toEqual(
      refused(
        /^registry-auth: login: is not stored during a prebuild.*\[PREBUILD_LOGIN_REFUSED\]\n$/,
      ),
    );
    expectNoSecret({ folder: home }, [CANARY]);
    expect(await helper('erase', 'r.io', { home, env })).toEqual(SILENT);
    await install()(['hook', 'postCreate'], { home, env: { ...GOOD, ...CODESPACE } });
    const later = { ...GOOD, ...CODESPACE };
    expect(await helper('store', input, { home, env: later })).toEqual(SILENT);
  });

  test('keeps of a docker logout in a prebuild nothing that is derived from a secret', async () => {
    const home = scratchHome({ '.docker/other.json': '' });
    const env = { ...GOOD, ...PREBUILD };
    install();
    expect(await helper('erase', 'good.example', { home, env })).toEqual(SILENT);
    expect(JSON.parse(readHome(home, LOGINS))).toEqual({ 'good.example': {} });
    expect(await helper('get', 'good.example', { home, env })).toEqual(NOT_FOUND);
  });

  test('gives GITHUB_TOKEN of another GitHub to nobody', async () => {
    const home = scratchHome();
    const env = { ...CODESPACE, GITHUB_SERVER_URL: 'https://github.example.com' };
    await install()(['hook', 'postStart'], { home, env });
    expectNoSecret({ folder: home }, [CANARY]);
  });

  test('writes nothing in a prebuild with the option prebuild: skip', async () => {
    const home = scratchHome();
    const finished = await install({ prebuild: 'skip' })(['hook', 'updateContent'], {
      home,
      env: { ...GOOD, ...PREBUILD },
    });
    expect(finished).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('[PREBUILD_SKIPPED]'),
    });
    expect(() => readHome(home, CONFIG)).toThrow('ENOENT');
  });

  test('gives ghcr.io the token of the codespace, unless a triple names it', async () => {
    const home = scratchHome();
    const cli = install();
    await cli(['hook', 'postCreate'], { home, env: CODESPACE });
    expect(loginsIn(home)).toEqual({ 'ghcr.io': `octocat:${CANARY}` });
    const env = { ...CODESPACE, ...triple('MINE', 'ghcr.io', 'ada', 'my-own-token') };
    await cli(['hook', 'postStart'], { home, env });
    expect(loginsIn(home)).toEqual({ 'ghcr.io': 'ada:my-own-token' });
  });

  test('is not changed by NODE_OPTIONS', async () => {
    const home = scratchHome();
    const env = { ...GOOD, NODE_OPTIONS: '--require=./none.cjs' };
    const finished = await install()(['hook', 'onCreate'], { home, env });
    expect(finished).toEqual({ status: 0, stdout: READY, stderr: '' });
  });
});
