import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { installWrappers, LIB, writeProgram } from '../support/built.ts';
import { startEcrStandIn } from '../support/ecr-stand-in.ts';
import { tripleOf } from '../support/ecr-stand-in-identities.ts';
import {
  BASIC,
  bearer,
  json,
  type Loopback,
  type Said,
  startLoopback,
} from '../support/loopback.ts';
import { CANARY, runBundle, scratchHome } from '../support/process.ts';
import { run } from '../support/run.ts';
import { configWith, entry, triple } from '../support/triples.ts';
import { ASK, CONFIG, MORE, newCli } from './support/cli.ts';
import { installAlone as install } from './support/installed.ts';

jest.setTimeout(60_000);

const cli = newCli();
const open: { close: () => Promise<unknown> }[] = [];
afterAll(() => Promise.all(open.map((one) => one.close())));

async function serve(answer: Parameters<typeof startLoopback>[0]): Promise<Loopback> {
  const server = await startLoopback(answer);
  open.push(server);
  return server;
}

/** A registry for these users; anybody may send anything else. */
function registryFor(users: Record<string, string>): Promise<Loopback> {
  const logins = Object.entries(users).map(
    ([user, password]) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  );
  return serve(({ authorization = '' }) => (logins.includes(authorization) ? json({}) : BASIC));
}

type Result = { outcome: string; source: string | null; what: string; fix: string | null };

async function check(home: string, env: Record<string, string>, ...words: string[]) {
  const finished = await cli(['check', '--json', ...words], { home, env });
  const document = JSON.parse(finished.stdout);
  return { ...finished, results: document.results as Result[], problems: document.problems };
}

describe('check', () => {
  test('names a variable whose proxy we cannot use where that may be the reason', async () => {
    const home = scratchHome();
    // Nobody listens there, and it is no name of this machine that we know.
    const env = { ...triple('A', '0.0.0.0:9', 'ada', CANARY), HTTPS_PROXY: 'socks5://127.0.0.1:9' };
    await cli(['apply'], { home, env });
    const [found] = (await check(home, env)).results;
    expect([found?.outcome, found?.fix]).toEqual([
      'unreachable',
      expect.stringMatching(/^set HTTPS_PROXY to http:\/\/HOST:PORT, /),
    ]);
    const [other] = (await check(home, { ...env, NO_PROXY: '0.0.0.0' })).results;
    expect(other?.fix).toMatch(/^check the network/);
  });

  test('shows a line for each registry, and ends with 1 where one refuses', async () => {
    const { host } = await registryFor({ ada: CANARY });
    const other = await registryFor({});
    const home = scratchHome();
    const env = {
      ...triple('GOOD', host, 'ada', CANARY),
      ...triple('POOR', other.host, 'ada', CANARY),
    };
    await cli(['apply'], { home, env });
    const { status, stdout, stderr } = await cli(['check'], { home, env });
    const lines = stdout.replaceAll(host, 'HOST-A').replaceAll(other.host, 'HOST-B').split('\n');
    expect(lines.sort()).toEqual([
      '',
      '    fix: renew POOR_CONTAINER_REGISTRY_PASSWORD; check that the user name is the one that belongs to it',
      '  GOOD  HOST-A  accepted         accepts the credential; from environment',
      '  POOR  HOST-B  rejected         refuses the user name or the password (401); from environment',
    ]);
    expect([status, stderr]).toEqual([1, '']);
    expect(await cli(['check', 'GOOD'], { home, env })).toMatchObject({ status: 0 });
  });

  test('shows a line as soon as it is known', async () => {
    const { host } = await registryFor({ ada: CANARY });
    let release = () => {};
    const slow = await serve(() => (response) => {
      release = () => response.end();
    });
    const home = scratchHome();
    const env = {
      ...triple('FAST', host, 'ada', CANARY),
      ...triple('SLOW', slow.host, 'ada', CANARY),
    };
    await cli(['apply'], { home, env });
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, ['--', join(LIB, 'registry-auth.cjs'), 'check'], {
      env: { PATH: process.env.PATH, HOME: home, ...env },
    });
    const [first] = await once(child.stdout, 'data');
    expect(`${first}`).toContain('  FAST  ');
    expect(`${first}`).not.toContain('  SLOW  ');
    release();
    const [second] = await once(child.stdout, 'data');
    expect(`${second}`).toContain('  SLOW  ');
    await once(child, 'close');
  });

  test('has one document with --json', async () => {
    const { host } = await registryFor({ ada: CANARY });
    const home = scratchHome();
    const env = triple('ACME', host, 'ada', CANARY);
    await cli(['apply'], { home, env });
    const { stdout, stderr, status } = await cli(['check', '--json', `${host}/team/app`], {
      home,
      env,
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      product: { version: expect.any(String), node: process.versions.node },
      results: [
        {
          id: 'ACME',
          provider: 'other',
          host,
          key: host,
          image: `${host}/team/app`,
          outcome: 'accepted',
          source: 'environment',
          what: 'accepts the credential, and it may pull this image; no tag was given, so latest was checked',
          fix: null,
          milliseconds: expect.any(Number),
        },
      ],
      problems: [],
      notices: [],
    });
  });

  test('sends a wrong password once, however many images of the registry are asked for', async () => {
    const { host, heard } = await registryFor({ ada: 'another-password' });
    const home = scratchHome();
    const env = triple('ACME', host, 'ada', 'wrong-password');
    await cli(['apply'], { home, env });
    const { results } = await check(home, env, 'ACME', `${host}/a`, `${host}/b`, `${host}/c:1`);
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(4).fill('rejected'));
    expect(heard.filter(({ authorization }) => authorization)).toHaveLength(1);
  });

  test('without any triple ends well, and says what it looked for', async () => {
    const home = scratchHome();
    expect(await cli(['check'], { home })).toEqual({
      status: 0,
      stderr: '',
      stdout: expect.stringMatching(
        /^no registry secrets found: .*_CONTAINER_REGISTRY_SERVER.*\n$/,
      ),
    });
    expect(await check(home, {})).toMatchObject({ status: 0, results: [], problems: [] });
  });

  test.each([
    ['nope', 'nope', 'is not the ID of a triple'],
    ['registry.example.com', 'registry.example.com', 'has no triple'],
    ['Team/App', 'Team/App', 'has capital letters'],
    ['a.io/b:', 'a.io/b:', 'has an invalid tag'],
    ['a.io/b@sha256:12', 'a.io/b@sha256:12', 'has an invalid digest'],
    ['https://ada:a-secret-word@a.io/', 'check', 'has no triple'],
    ['', 'check', ''],
  ])('%j is wrong usage, and nothing is asked', async (word, subject, what) => {
    const server = await registryFor({});
    const home = scratchHome();
    const env = triple('ACME', server.host, 'ada', CANARY);
    const { status, stdout, stderr } = await cli(['check', 'ACME', word], { home, env });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.startsWith(`${subject}: ${what}`)).toBe(true);
    expect(stderr).toContain('[USAGE]');
    expect(stderr).not.toContain('a-secret-word');
    expect(server.heard).toEqual([]);
  });

  test('says which part of a triple is missing, and where to look in a codespace', async () => {
    const env = { ACME_CONTAINER_REGISTRY_SERVER: 'a.io', ACME_CONTAINER_REGISTRY_USER: 'ada' };
    const { status, results } = await check(scratchHome(), { ...env, CODESPACES: 'true' }, 'ACME');
    expect([status, results]).toEqual([
      1,
      [
        expect.objectContaining({
          id: 'ACME',
          outcome: 'incomplete',
          what: 'ACME_CONTAINER_REGISTRY_PASSWORD: missing, but SERVER and USER are set',
          fix: expect.stringMatching(
            /repository, of your account and of the organization.*stop and start/,
          ),
        }),
      ],
    ]);
  });

  test('tells other problems of triples too', async () => {
    const env = triple('BAD', 'a b', 'ada', CANARY);
    const { status, problems } = await check(scratchHome(), env);
    expect([status, problems]).toEqual([1, [expect.objectContaining({ code: 'SERVER_INVALID' })]]);
  });
});

describe('check asks with what docker would send:', () => {
  const users = { ada: CANARY, bob: 'the-word-of-bob' };
  const secrets = (host: string) => triple('ACME', host, 'ada', CANARY);
  const applied = async (...args: string[]) => {
    const { host } = await registryFor(users);
    const home = scratchHome();
    await cli(['apply', ...args], { home, env: secrets(host) });
    return { host, home, env: secrets(host) as Record<string, string> };
  };
  const write = (home: string, change: (config: Record<string, unknown>) => void) => {
    const config = JSON.parse(readFileSync(join(home, CONFIG), 'utf8'));
    change(config);
    writeFileSync(join(home, CONFIG), JSON.stringify(config));
  };
  const one = async (
    { home, env }: { home: string; env: Record<string, string> },
    ...words: string[]
  ) => (await check(home, env, ...words)).results[0];

  test('the entry', async () => {
    expect(await one(await applied())).toMatchObject({
      outcome: 'accepted',
      source: 'environment',
    });
  });

  test('what our helper answers', async () => {
    const place = await applied('--credentials', 'helper');
    expect(await one(place)).toMatchObject({ outcome: 'accepted', source: 'environment' });
  });

  test('a login by hand, and that it is not the secret', async () => {
    const place = await applied();
    write(place.home, (config) => {
      config.auths = { [place.host]: entry('bob', 'another-word') };
    });
    expect(await one(place)).toMatchObject({
      outcome: 'rejected',
      source: 'login',
      what: 'refuses the user name or the password (401); not the secret of ACME',
      fix: expect.stringMatching(
        /^run docker login localhost:\d+ again, or registry-auth apply --force/,
      ),
    });
  });

  test('a login by hand through our helper', async () => {
    const place = await applied('--credentials', 'helper');
    const login = { ServerURL: place.host, Username: 'bob', Secret: users.bob };
    const helper = join(LIB, 'docker-credential-registry-auth.cjs');
    const input = JSON.stringify(login);
    const { env, home } = place;
    await run(process.execPath, [helper, 'store'], { home, env, input });
    expect(await one(place)).toMatchObject({
      outcome: 'accepted',
      source: 'login',
      what: 'accepts the credential; not the secret of ACME',
    });
    await run(process.execPath, [helper, 'erase'], { home, env, input: place.host });
    expect(await one(place)).toMatchObject({
      outcome: 'incomplete',
      source: null,
      what: 'docker has no credential for it here: logged out by hand',
    });
  });

  test('an entry that is older than the secret', async () => {
    const place = await applied();
    const env = triple('ACME', place.host, 'ada', 'a-newer-word');
    expect(await one({ ...place, env })).toMatchObject({
      outcome: 'accepted',
      source: 'config.json',
      what: 'accepts the credential; older than the secret of ACME',
    });
  });

  test('an entry whose secret is not here', async () => {
    const place = await applied();
    expect(await one({ ...place, env: {} }, place.host)).toMatchObject({
      outcome: 'accepted',
      what: 'accepts the credential; written from the secret of ACME, which is not set in this shell',
    });
  });

  test('nothing where our helper lacks the secret', async () => {
    const place = await applied('--credentials', 'helper');
    expect(await one({ ...place, env: {} }, place.host)).toMatchObject({
      outcome: 'incomplete',
      what: 'docker has no credential for it here: the secret of ACME is not set in this shell',
    });
  });

  test('nothing before anything is written', async () => {
    const { host } = await registryFor(users);
    expect(await one({ home: scratchHome(), env: secrets(host) })).toMatchObject({
      outcome: 'incomplete',
      what: 'docker has no credential for it here: not written yet',
      fix: 'run registry-auth apply',
    });
  });

  test('what DOCKER_AUTH_CONFIG holds', async () => {
    const place = await applied();
    const DOCKER_AUTH_CONFIG = configWith({ [place.host]: ['bob', users.bob] });
    expect(await one({ ...place, env: { ...place.env, DOCKER_AUTH_CONFIG } })).toMatchObject({
      outcome: 'accepted',
      source: 'DOCKER_AUTH_CONFIG',
      what: 'accepts the credential; not the secret of ACME',
    });
  });

  describe('the credsStore', () => {
    const withStore = async (script: string) => {
      const place = await applied();
      const bin = join(place.home, 'bin');
      const PATH = installWrappers(bin);
      writeProgram(join(bin, 'docker-credential-theirs'), `#!/bin/sh\n${script}\n`);
      write(place.home, (config) => {
        config.credsStore = 'theirs';
        delete config.credHelpers;
      });
      return { ...place, env: { ...place.env, PATH } };
    };

    test('that answers', async () => {
      const answer = JSON.stringify({ ServerURL: 'x', Username: 'bob', Secret: users.bob });
      const script = `[ "$1" = get ] && [ "$(cat)" != "" ] && echo '${answer}'`;
      expect(await one(await withStore(script))).toMatchObject({
        outcome: 'accepted',
        source: 'docker-credential-theirs',
        what: 'accepts the credential; not the secret of ACME',
      });
    });

    test('that gets none of our triples', async () => {
      const place = await withStore('env >"$HOME/seen"; exit 1');
      await one(place);
      const seen = readFileSync(join(place.home, 'seen'), 'utf8');
      expect(seen).toContain('PATH=/');
      expect(seen).not.toContain('CONTAINER_REGISTRY');
    });

    test.each([
      ['fails', `echo '${CANARY.replaceAll("'", '')}'; exit 255`, 'exit status 255'],
      [
        'prints something else',
        `echo '${CANARY.replaceAll("'", '')}'`,
        'it returns something other',
      ],
      ['prints without an end', 'yes', 'its output does not end'],
      [
        'prints an empty secret',
        'echo \'{"Username":"a","Secret":""}\'',
        'it returns something other',
      ],
    ])('that %s', async (_, script, why) => {
      expect(await one(await withStore(script))).toMatchObject({
        outcome: 'incomplete',
        source: 'docker-credential-theirs',
        what: expect.stringContaining(`asks docker-credential-theirs, but ${why}`),
      });
    });

    test('that is not on PATH', async () => {
      const place = await withStore('');
      const env = { ...place.env, PATH: `${process.env.PATH}` };
      expect((await one({ ...place, env }))?.what).toContain('but it is not on PATH');
    });

    test('that knows nothing', async () => {
      const script = 'echo "credentials not found in native keychain"; exit 1';
      expect(await one(await withStore(script))).toMatchObject({
        outcome: 'incomplete',
        source: null,
      });
    });
  });

  test('nothing where docker cannot read its file', async () => {
    const place = await applied();
    writeFileSync(join(place.home, CONFIG), '{"auths": 1}');
    expect(await one(place)).toMatchObject({
      outcome: 'incomplete',
      what: expect.stringContaining('continues without a login'),
    });
  });

  test('of two namespaces of a host, each with its own', async () => {
    const { host } = await registryFor(users);
    const env = {
      ...triple('BLUE', `${host}/blue`, 'ada', CANARY),
      ...triple('GREEN', `${host}/green`, 'bob', 'another-word'),
    };
    const home = scratchHome();
    await cli(['apply'], { home, env });
    const { results } = await check(home, env);
    expect(results).toMatchObject([
      { id: 'BLUE', key: host, outcome: 'accepted' },
      { id: 'GREEN', key: `${host}/green`, outcome: 'rejected' },
    ]);
  });
});

describe('check of Amazon ECR', () => {
  const identity = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'the-secret-key-of-the-tests-Zk7',
    account: '123456789012',
  };
  const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com';

  test('says why there is no token', async () => {
    const standIn = await startEcrStandIn({ identities: [identity] });
    open.push(standIn);
    const home = scratchHome();
    const env = {
      ...tripleOf('ACME', host, { ...identity, secretAccessKey: 'another-secret-key' }),
      AWS_ENDPOINT_URL_ECR: standIn.url,
      XDG_RUNTIME_DIR: home,
    };
    await cli(['apply', '--credentials', 'helper'], { home, env });
    const { stdout } = await newCli(runBundle)(['check', '--json'], { home, env });
    expect(JSON.parse(stdout).results).toMatchObject([
      { outcome: 'exchange-failed', what: expect.stringContaining('[ECR_SECRET_WRONG]') },
    ]);
    expect(stdout).not.toContain('another-secret-key');
  });
});

describe('no secret is told by', () => {
  const echo = `${CANARY} ${Buffer.from(`ada:${CANARY}`).toString('base64')}`;
  const hex = Buffer.from(CANARY).toString('hex');
  const headers = {
    'X-Echo': encodeURIComponent(echo),
    'WWW-Authenticate': `Basic realm="${hex}"`,
  };
  const body = JSON.stringify({
    errors: [{ code: CANARY, message: echo, detail: echo }],
    token: '',
  });
  const rows: [string, (host: string) => Said][] = [
    ['a refusal', () => ({ status: 401, headers, body })],
    ['a page', () => ({ status: 200, headers: { ...headers, 'Content-Type': 'text/html' }, body })],
    ['an error', () => ({ status: 500, headers, body })],
    ['a redirect', () => ({ status: 302, headers: { Location: `http://${hex}.example/${hex}` } })],
    ['a challenge', () => bearer(`https://${hex.slice(0, 60)}.example/${hex}`)],
    ['a realm that is no URL', () => bearer(hex)],
  ];
  test.each(rows)('%s that repeats it', async (_, said) => {
    let pings = 0;
    const server = await serve(({ path, authorization, query }, host) => {
      // It hears the secret at the first call, and has it ever since.
      if (path === '/token') return query.has('scope') ? said(host) : json({ token: hex });
      if (authorization?.startsWith('Bearer')) return said(host);
      return pings++ === 0 ? bearer(`http://${host}/token`) : said(host);
    });
    const home = scratchHome();
    const env = triple('ACME', server.host, 'ada', CANARY);
    await cli(['apply'], { home, env });
    // The guard of `cli` searches both streams.
    for (const words of [[], [`${server.host}/a/b`], ['--json']])
      await cli(['check', ...words], { home, env });
    expect(server.heard.some(({ authorization }) => authorization)).toBe(true);
  });
});

describe('a hook', () => {
  test('that finds a problem ends with a line that names status, and only then', async () => {
    const good = await install()(['hook', 'postStart'], {
      env: triple('ACME', 'a.io', 'a', CANARY),
    });
    expect(good).toMatchObject({ status: 0, stderr: '' });
    const bad = await install()(['hook', 'postStart'], { env: triple('BAD', 'a b', 'a', CANARY) });
    expect(bad.status).toBe(0);
    expect(bad.stderr.endsWith(`\n${MORE}`)).toBe(true);
  });

  test('with the option check asks at each start, names no host, and never fails', async () => {
    const server = await registryFor({ ada: CANARY });
    const other = await registryFor({});
    const env = {
      ...triple('GOOD', server.host, 'ada', CANARY),
      ...triple('POOR', other.host, 'ada', CANARY),
    };
    const hook = install({ check: true, strict: true });
    expect(await hook(['hook', 'postCreate'], { env })).toMatchObject({ status: 0, stderr: '' });
    expect([server.heard, other.heard]).toEqual([[], []]);
    expect(await hook(['hook', 'postStart'], { env })).toEqual({
      status: 0,
      stdout: [
        'registry-auth: 2 registries ready: GOOD (other), POOR (other)',
        'registry-auth: checked, and accepted: GOOD (other)',
        '',
      ].join('\n'),
      stderr: `registry-auth: POOR (other): refuses the user name or the password (401) [rejected]\n${ASK}`,
    });
  });

  test('with the option check calls nothing accepted that asks for no password', async () => {
    const server = await serve(() => json({}));
    const env = triple('FREE', server.host, 'ada', CANARY);
    const { stdout } = await install({ check: true })(['hook', 'postStart'], { env });
    expect(stdout).toContain('\nregistry-auth: checked, and open: FREE (other)\n');
    expect(stdout).not.toContain('accepted');
  });

  test('with the option check waits no longer than ten seconds in all', async () => {
    const mute = await serve(() => () => undefined);
    const env = triple('MUTE', mute.host, 'ada', CANARY);
    const start = performance.now();
    const { status, stderr } = await install({ check: true })(['hook', 'postStart'], { env });
    expect([status, stderr]).toEqual([
      0,
      `registry-auth: MUTE (other): it did not answer in time [timeout]\n${ASK}`,
    ]);
    expect(performance.now() - start).toBeLessThan(12_000);
  });

  test('without it asks nobody', async () => {
    const server = await registryFor({});
    const env = triple('ACME', server.host, 'ada', CANARY);
    await install()(['hook', 'postStart'], { env });
    expect(server.heard).toEqual([]);
  });
});
