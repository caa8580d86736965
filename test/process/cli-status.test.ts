import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CANARY, scratchHome } from '../support/process.ts';
import { configWith, triple } from '../support/triples.ts';
import { appliedHome, CONFIG, GOOD, newCli, readHome } from './support/cli.ts';

const cli = newCli();
const THEIRS = configWith({ 'good.example': ['bob', 'x'], 'a.io': ['bob', 'x'] });
const READY = [
  '~/.docker/config.json',
  '  GOOD  other       good.example  ready (in config.json); from environment',
  '',
].join('\n');

function write(home: string, path: string, text: string): void {
  mkdirSync(dirname(join(home, path)), { recursive: true });
  writeFileSync(join(home, path), text);
}

describe('status names what shadows us:', () => {
  const SHADOWS = [
    {
      name: 'DOCKER_AUTH_CONFIG',
      env: { DOCKER_AUTH_CONFIG: THEIRS },
      code: 'DOCKER_AUTH_CONFIG_SHADOWS',
    },
    {
      name: 'REGISTRY_AUTH_FILE',
      env: { REGISTRY_AUTH_FILE: '/any.json' },
      code: 'REGISTRY_AUTH_FILE_SHADOWS',
    },
    { name: "podman's auth.json", path: '.config/containers/auth.json', code: 'AUTH_JSON_SHADOWS' },
    { name: "helm's own file", path: '.config/helm/registry/config.json', code: 'HELM_SHADOWS' },
    {
      name: "regctl's own file",
      path: '.regctl/config.json',
      text: JSON.stringify({ hosts: { 'good.example': { user: 'bob', pass: 'x' }, 'a.io': {} } }),
      code: 'REGCTL_SHADOWS',
    },
  ];
  test.each(SHADOWS)('$name', async ({ env = {}, path, text = THEIRS, code }) => {
    const home = await appliedHome(cli, GOOD);
    if (path) write(home, path, text);
    const { status, stdout, stderr } = await cli(['status'], { home, env: { ...GOOD, ...env } });
    expect([status, stdout]).toEqual([1, READY]);
    expect(stderr).toMatch(new RegExp(`^\\S+: .* \\[${code}\\]\\n {2}fix: \\S.*\\n$`));
    expect(stderr).not.toContain('a.io');
  });

  test.each([
    {
      name: 'XDG_RUNTIME_DIR',
      path: 'run/containers/auth.json',
      variable: 'XDG_RUNTIME_DIR',
      value: 'run',
    },
    {
      name: 'XDG_CONFIG_HOME',
      path: 'conf/containers/auth.json',
      variable: 'XDG_CONFIG_HOME',
      value: 'conf',
    },
  ])('auth.json below $name', async ({ path, variable, value }) => {
    const home = await appliedHome(cli, GOOD);
    write(home, path, THEIRS);
    const env = { ...GOOD, [variable]: join(home, value) };
    const { status, stderr } = await cli(['status'], { home, env });
    expect([status, stderr]).toEqual([1, expect.stringContaining('[AUTH_JSON_SHADOWS]')]);
  });

  test.each([
    { name: 'in all clients of its library', more: {}, clients: 'docker, buildx, compose, crane' },
    { name: 'in regctl alone, with more in it', more: { x: 1 }, clients: 'regctl uses' },
  ])('DOCKER_AUTH_CONFIG $name', async ({ more, clients }) => {
    const home = await appliedHome(cli, GOOD);
    const DOCKER_AUTH_CONFIG = JSON.stringify({ ...JSON.parse(THEIRS), ...more });
    const { status, stderr } = await cli(['status'], {
      home,
      env: { ...GOOD, DOCKER_AUTH_CONFIG },
    });
    expect([status, stderr]).toEqual([1, expect.stringContaining(`so ${clients}`)]);
  });

  test.each([
    { name: 'REGCTL_CONFIG', path: 'r.json', variable: 'REGCTL_CONFIG', value: 'r.json' },
    {
      name: 'XDG_CONFIG_HOME',
      path: 'c/regctl/config.json',
      variable: 'XDG_CONFIG_HOME',
      value: 'c',
    },
  ])("regctl's file by $name", async ({ path, variable, value }) => {
    const home = await appliedHome(cli, GOOD);
    write(home, path, JSON.stringify({ hosts: { 'good.example': { credHelper: 'x' } } }));
    const env = { ...GOOD, [variable]: join(home, value) };
    const { status, stderr } = await cli(['status'], { home, env });
    expect([status, stderr]).toEqual([1, expect.stringContaining('[REGCTL_SHADOWS]')]);
  });

  test('HELM_REGISTRY_CONFIG', async () => {
    const home = await appliedHome(cli, GOOD);
    write(home, 'helm.json', THEIRS);
    const env = { ...GOOD, HELM_REGISTRY_CONFIG: join(home, 'helm.json') };
    const { status, stderr } = await cli(['status'], { home, env });
    expect([status, stderr]).toEqual([1, expect.stringContaining('[HELM_SHADOWS]')]);
  });

  test('the file at home, where DOCKER_CONFIG names another', async () => {
    const home = scratchHome({ [CONFIG]: THEIRS });
    const env = { ...GOOD, DOCKER_CONFIG: join(home, 'elsewhere') };
    await cli(['apply'], { home, env });
    const { status, stderr } = await cli(['status'], { home, env });
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/config\.json: holds good\.example too; .* \[OTHER_DOCKER_CONFIG\]\n/),
    ]);
  });

  test('a credsStore that came after apply; apply is what helps', async () => {
    const home = await appliedHome(cli, GOOD);
    const config = { ...JSON.parse(readHome(home, CONFIG)), credsStore: 'dev-containers-x' };
    writeFileSync(join(home, CONFIG), JSON.stringify(config));
    expect(await cli(['status'], { home, env: GOOD })).toEqual({
      status: 1,
      stdout: READY.replace('.json\n', '.json (credsStore: dev-containers-x)\n').replace(
        'ready (in config.json)',
        'in config.json, but docker does not read it: credsStore is set',
      ),
      stderr: expect.stringContaining(
        [
          '~/.docker/config.json: credsStore is set, so docker does not read the entries for good.example [CREDS_STORE_SHADOWS]',
          '  fix: run registry-auth apply\n',
        ].join('\n'),
      ),
    });
    await cli(['apply'], { home, env: GOOD });
    expect((await cli(['status'], { home, env: GOOD })).stderr).not.toContain('SHADOWS');
  });
});

describe('status says nothing of', () => {
  test.each([
    {
      name: 'logins for other hosts',
      path: '.config/containers/auth.json',
      text: configWith({ 'a.io': ['b', 'x'] }),
    },
    { name: 'a file that is no JSON', path: '.config/containers/auth.json', text: 'hello' },
    { name: 'a file that is null', path: '.config/helm/registry/config.json', text: 'null' },
    {
      name: "settings of regctl's",
      path: '.regctl/config.json',
      text: '{"hosts":{"good.example":{"tls":"disabled"},"x":null}}',
    },
  ])('$name', async ({ path, text }) => {
    const home = await appliedHome(cli, GOOD);
    write(home, path, text);
    const finished = await cli(['status'], { home, env: GOOD });
    expect(finished).toEqual({ status: 0, stdout: READY, stderr: '' });
  });
});

describe('status tells of each key', () => {
  test.each([
    { name: 'written', args: ['apply'], line: 'ready (in config.json); from environment' },
    {
      name: 'our helper',
      args: ['apply', '--credentials', 'helper'],
      line: 'ready (from our helper); from environment',
    },
  ])('$name', async ({ args, line }) => {
    const home = scratchHome();
    await cli(args, { home, env: GOOD });
    const before = readdirSync(home);
    const { status, stdout } = await cli(['status'], { home, env: GOOD });
    expect([status, stdout]).toEqual([0, expect.stringContaining(`good.example  ${line}\n`)]);
    expect(readdirSync(home)).toEqual(before);
  });

  test('that its secret is secret not set in this shell', async () => {
    const home = await appliedHome(cli, GOOD);
    const { stdout } = await cli(['status'], { home });
    expect(stdout).toContain('ready (in config.json); secret not set in this shell\n');
  });

  test('that it is your own login', async () => {
    const home = await appliedHome(cli, GOOD);
    writeFileSync(join(home, CONFIG), THEIRS);
    const { stdout } = await cli(['status'], { home, env: GOOD });
    expect(stdout).toContain('good.example  your own login; from environment\n');
  });

  test('the env file that its triple came from', async () => {
    const variables = Object.entries(triple('TEAM', 'quay.io', 'bob', CANARY));
    const text = variables.map(([name, value]) => `${name}='${value}'\n`).join('');
    const home = scratchHome({ 'team.env': text });
    await cli(['apply', '--env-file', join(home, 'team.env')], { home });
    const { stdout } = await cli(['status'], { home, cwd: '/' });
    expect(stdout).toContain(`ready (in config.json); from ${join(home, 'team.env')}\n`);
  });
});
