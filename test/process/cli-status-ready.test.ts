import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { writeProgram } from '../support/built.ts';
import { CANARY, scratchHome } from '../support/process.ts';
import { configWith, entry, triple } from '../support/triples.ts';
import { appliedHome, CONFIG, GOOD, newCli, readHome } from './support/cli.ts';

const cli = newCli();
const VS_CODE = 'dev-containers-7c2f1b0e';

/** A home after `apply --credentials helper`. */
async function helpedHome(env = GOOD): Promise<string> {
  const home = scratchHome();
  await cli(['apply', '--credentials', 'helper'], { home, env });
  return home;
}

function editConfig(home: string, edit: (config: Record<string, object>) => object): void {
  const config = JSON.parse(readHome(home, CONFIG));
  writeFileSync(join(home, CONFIG), JSON.stringify({ ...config, ...edit(config) }));
}

/** A folder of PATH with programs that would fail, were they run. */
function withProgram(home: string, name: string): string {
  const bin = join(home, 'bin');
  writeProgram(join(bin, name), '#!/bin/sh\nexit 255\n');
  return bin;
}

/** The exit status, the line of `good.example` and the codes of all problems and notices. */
async function ask(home: string, env: Record<string, string | undefined> = GOOD) {
  const { status, stdout, stderr } = await cli(['status'], { home, env });
  const line = stdout.split('\n').find((one) => one.includes('good.example')) ?? '';
  const codes = [...stderr.matchAll(/\[([A-Z_]+)\]$/gm)].map(([, code]) => code);
  return { status, line: line.split('good.example  ')[1], codes, stderr };
}

describe('status calls nothing ready that no client finds:', () => {
  test('our helper in a shell without the secrets, which the helper says too', async () => {
    const found = await ask(await helpedHome(), {});
    expect(found).toMatchObject({ status: 1, codes: ['SECRETS_NOT_HERE'] });
    expect(found.line).toMatch(
      /^our helper is used, but its secrets are not set in this shell; secret not set/,
    );
    expect(found.stderr).toMatch(/^GOOD: /);
  });

  test('our helper that is not on PATH', async () => {
    const found = await ask(await helpedHome(), { ...GOOD, PATH: '/usr/bin' });
    expect(found).toMatchObject({ status: 1, codes: ['HELPER_NOT_FOUND'] });
    expect(found.line).toMatch(/^our helper is used, but is not on PATH/);
  });

  test('an entry after docker logout', async () => {
    const home = await appliedHome(cli, GOOD);
    editConfig(home, () => ({ auths: {} }));
    const found = await ask(home);
    expect(found).toMatchObject({ status: 1, codes: ['LOGGED_OUT'] });
    expect(found.line).toMatch(/^logged out by hand; the next start or apply logs in again/);
    await cli(['apply'], { home, env: GOOD });
    expect(await ask(home)).toMatchObject({ status: 0, codes: [] });
  });

  test('what is not written yet', async () => {
    const home = scratchHome();
    await cli(['apply', '--dry-run'], { home, env: GOOD });
    const found = await ask(home);
    expect(found).toMatchObject({ status: 1, codes: ['NOT_WRITTEN'] });
    expect(found.line).toBe('not written yet; from environment');
  });

  test('another helper that was named for the host since', async () => {
    const home = await appliedHome(cli, GOOD);
    editConfig(home, () => ({ credHelpers: { 'good.example': 'gcloud' } }));
    const found = await ask(home);
    expect(found).toMatchObject({ status: 0, codes: [] });
    expect(found.line).toMatch(/^your own credential helper is used/);
  });

  test("a namespace whose host's helper is asked", async () => {
    const both = { ...triple('A', 'good.example/a', 'ada', CANARY) };
    const env = { ...both, ...triple('B', 'good.example/b', 'bob', CANARY) };
    const home = await helpedHome(env);
    const { status, stdout, stderr } = await cli(['status'], { home, env });
    expect([status, stderr]).toEqual([1, expect.stringContaining('[NAMESPACE_UNREACHABLE]')]);
    expect(stdout).toMatch(/good\.example\/b +not used: a helper answers for the whole host;/);
  });

  test('an ECR token that was pasted in and has ended', async () => {
    const host = '123456789012.dkr.ecr.eu-central-1.amazonaws.com';
    const token = Buffer.from(JSON.stringify({ payload: 'x', expiration: 1_700_000_000 }));
    const config = configWith({ [host]: ['AWS', token.toString('base64')] });
    const home = scratchHome({ [CONFIG]: config });
    const env = triple('APP', host, 'AKIAIOSFODNN7EXAMPLE', CANARY);
    const { status, stdout, stderr } = await cli(['status'], { home, env });
    expect([status, stderr]).toEqual([1, expect.stringContaining('[ECR_TOKEN_EXPIRED]')]);
    expect(stdout).toContain('  expired; from environment\n');
  });

  test.each([
    { name: 'is no JSON', text: '{"auths":' },
    { name: 'holds an entry that nobody can decode', text: '{"auths":{"x.io":{"auth":"%"}}}' },
  ])('a config.json that $name', async ({ text }) => {
    const home = scratchHome({ [CONFIG]: text });
    const found = await ask(home);
    expect(found).toMatchObject({ status: 1, codes: [expect.stringMatching(/^CONFIG_/)] });
    expect(found.line).toMatch(/^unknown, because the files cannot be read/);
  });
});

describe('status does not say that there are no secrets', () => {
  test.each([
    { name: 'with only a broken triple', env: triple('BAD', 'a b', 'ada', CANARY) },
    { name: 'with only a part of one', env: { A_CONTAINER_REGISTRY_USER: 'ada' } },
  ])('$name', async ({ env }) => {
    const { status, stdout } = await cli(['status'], { home: scratchHome(), env });
    expect([status, stdout]).toEqual([1, '~/.docker/config.json\n  nothing written\n']);
  });

  test('and says so without any', async () => {
    const none = '  no registry secrets found, and nothing written\n';
    const { status, stdout } = await cli(['status'], { home: scratchHome() });
    expect([status, stdout]).toEqual([0, `~/.docker/config.json\n${none}`]);
  });
});

describe('status tells of a credsStore that crane and others ask whatever we do:', () => {
  /** A home with a credsStore that was there before us. */
  const homeWith = (store: string) =>
    appliedHome(cli, GOOD, { [CONFIG]: JSON.stringify({ credsStore: store }) });

  test('one that is not on PATH', async () => {
    const found = await ask(await homeWith('desktop'));
    expect(found).toMatchObject({ status: 1, codes: ['CREDS_STORE_FAILS'] });
    expect(found.line).toMatch(/^ready \(from our helper\)/);
    for (const client of ['crane', 'ko', 'cosign', 'kaniko', 'classic builder'])
      expect(found.stderr).toContain(client);
  });

  test("VS Code's own without its window, with the setting that ends it", async () => {
    const home = await homeWith(VS_CODE);
    const bin = withProgram(home, `docker-credential-${VS_CODE}`);
    const env = { ...GOOD, PATH: `${bin}:${dirOfOurs(home)}` };
    const found = await ask(home, env);
    expect(found).toMatchObject({ status: 1, codes: ['CREDS_STORE_FAILS'] });
    expect(found.stderr).toContain('"dev.containers.dockerCredentialHelper": false');
    const socket = join(home, 'ipc.sock');
    writeFileSync(socket, '');
    const inWindow = await ask(home, { ...env, REMOTE_CONTAINERS_IPC: socket });
    expect(inWindow).toMatchObject({ status: 0, codes: ['CREDS_STORE_FIRST'] });
    expect(inWindow.stderr).toContain('"dev.containers.dockerCredentialHelper": false');
  });

  test('any other, which is not run to find out', async () => {
    const home = await homeWith('desktop');
    const bin = join(home, 'bin');
    writeProgram(join(bin, 'docker-credential-desktop'), `#!/bin/sh\ntouch ${home}/asked\n`);
    const env = { ...GOOD, PATH: `${bin}:${dirOfOurs(home)}` };
    expect(await ask(home, env)).toMatchObject({ status: 0, codes: ['CREDS_STORE_FIRST'] });
    expect(existsSync(join(home, 'asked'))).toBe(false);
  });
});

/** A folder with our helper's name in it: whether it is there is all that status looks at. */
function dirOfOurs(home: string): string {
  return withProgram(join(home, 'ours'), 'docker-credential-registry-auth');
}

describe('status HOST|IMAGE says who each client comes as:', () => {
  const rows = (stdout: string) =>
    Object.fromEntries(
      stdout
        .split('\n')
        .slice(2)
        .filter(Boolean)
        .map((line) => line.trim().split(/ {2,}/))
        .map(([programs, user, where]) => [programs?.split(',')[0], `${user}: ${where}`]),
    );

  test('all as one, with the entry in the file', async () => {
    const home = await appliedHome(cli, GOOD);
    const { status, stdout, stderr } = await cli(['status', 'good.example/app:1'], { home });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').slice(0, 2)).toEqual(['~/.docker/config.json', '  good.example/app']);
    const found = Object.values(rows(stdout));
    expect(found).toHaveLength(7);
    expect(new Set(found)).toEqual(new Set([`ada: good.example in ~/${CONFIG}`]));
  });

  test('each by its own files, variables and helpers', async () => {
    const home = await helpedHome();
    const theirs = configWith({ 'good.example': ['bob', 'x'] });
    const auth = scratchHome({ 'auth.json': theirs });
    const env = {
      ...GOOD,
      REGISTRY_AUTH_FILE: join(auth, 'auth.json'),
      DEVCONTAINERS_OCI_AUTH: 'good.example|eve|x',
      DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { 'good.example/app': entry('ida', 'x') } }),
    };
    const { stdout } = await cli(['status', 'good.example/app'], { home, env });
    const ours = `ada: our helper, which ~/${CONFIG} names`;
    expect(rows(stdout)).toEqual({
      docker: ours,
      podman: `bob: good.example in ${auth}/auth.json`,
      crane: 'ida: good.example/app in DOCKER_AUTH_CONFIG',
      oras: ours,
      helm: ours,
      kubelet: 'anonymous: no login',
      devcontainer: 'eve: good.example in DEVCONTAINERS_OCI_AUTH',
    });
  });

  test('with a helper that is not ours, and is not run', async () => {
    const home = scratchHome({ [CONFIG]: '{"credHelpers":{"gcr.io":"gcloud"}}' });
    const bin = withProgram(home, 'docker-credential-gcloud');
    const { status, stdout } = await cli(['status', 'gcr.io'], { home, env: { PATH: bin } });
    expect(status).toBe(0);
    const named = `which ~/${CONFIG} names; not asked`;
    expect(rows(stdout)).toMatchObject({ docker: `?: docker-credential-gcloud, ${named}` });
  });

  test('with a helper that is not there: a problem', async () => {
    const home = scratchHome({ [CONFIG]: '{"credHelpers":{"gcr.io":"nowhere"}}' });
    const { status, stdout, stderr } = await cli(['status', 'gcr.io'], { home });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/\[CLIENT_FAILS\]\n {2}fix: /)]);
    expect(rows(stdout)).toMatchObject({
      docker: `fails: ~/${CONFIG}: docker-credential-nowhere is not on PATH`,
      kubelet: 'anonymous: no login',
    });
  });

  test('in JSON', async () => {
    const home = await appliedHome(cli, GOOD);
    const { stdout } = await cli(['status', 'good.example', '--json'], { home, env: GOOD });
    const { address, clients, keys } = JSON.parse(stdout);
    expect([address, keys.length]).toEqual([{ host: 'good.example', repository: null }, 1]);
    expect(clients).toHaveLength(7);
    expect(clients[0]).toEqual({
      client: 'docker',
      programs: ['docker', 'buildx', 'compose'],
      source: 'auths',
      user: 'ada',
      where: `~/${CONFIG}`,
      key: 'good.example',
    });
  });

  test('and refuses what names nothing', async () => {
    const { status, stdout, stderr } = await cli(['status', 'team/App'], { home: scratchHome() });
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^team\/App: .* \[USAGE\]\n {2}fix: /);
  });

  test.each(['ada:word-of-ada@good.example/app', 'https://ada:word-of-ada@good.example:x/'])(
    'and repeats no password that was typed: %s',
    async (word) => {
      const { status, stderr } = await cli(['status', word], { home: scratchHome() });
      expect([status, stderr.includes('word-of-ada')]).toEqual([2, false]);
    },
  );

  test('and says so where it names nothing', async () => {
    const { status, stderr } = await cli(['status', 'a b'], { home: scratchHome() });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^status: .* \[USAGE\]\n {2}fix: /);
  });
});
