import { beforeAll, describe, expect, test } from '@jest/globals';
import { safeLoad } from 'js-yaml';
import { parseCommand } from '../../src/bin/command-line.ts';
import { installWrappers } from '../support/built.ts';
import { TEAM, tripleOf } from '../support/ecr-stand-in-identities.ts';
import { findKubeletLogins } from '../support/kubelet.ts';
import { testInMemory } from '../support/memory.ts';
import { testWith } from '../support/needs.ts';
import { CANARY, callBundle, expectNoSecret, scratchHome } from '../support/process.ts';
import { type Finished, run, whyNot } from '../support/run.ts';
import { entry, loginsOf, triple, triples } from '../support/triples.ts';
import { GOOD, newCli } from './support/cli.ts';
import { APP, ASSUMED, HOST, KEYS, makeSceneInside as makeScene } from './support/ecr-scene.ts';

const PATH = installWrappers(scratchHome());

type Env = Readonly<Record<string, string | undefined>>;

/** Its stdout may hold secrets, its stderr never. */
async function exported(words: readonly string[], env: Env, home = scratchHome()) {
  return exportedAs('kubernetes', words, env, home);
}

async function exportedAs(
  format: 'docker-config' | 'kubernetes',
  words: readonly string[],
  env: Env,
  home = scratchHome(),
) {
  const options = { env: { PATH, ...env }, home };
  const finished = await callBundle('registry-auth', ['export', format, ...words], options);
  expectNoSecret(finished.stderr, [CANARY, { user: 'ada', password: CANARY }]);
  return finished;
}

type Secret = {
  readonly metadata: { readonly name: unknown; readonly namespace?: unknown };
  readonly data: { readonly '.dockerconfigjson': string };
};

function read(manifest: string) {
  const secret = safeLoad(manifest) as Secret;
  const config = Buffer.from(secret.data['.dockerconfigjson'], 'base64').toString('utf8');
  const { auths } = JSON.parse(config) as { auths: Record<string, unknown> };
  return { secret, config, keys: Object.keys(auths) };
}

const SOME = triples({
  HUB: ['docker.io', 'ada', CANARY],
  TEAM: ['quay.io/team', 'team+robot', 'of the team'],
  QUAY: ['quay.io', 'ada', 'of the host'],
  PORT: ['registry.example.com:5000', 'ada', 'with a port'],
  TLS: ['tls.example.com:443', 'ada', 'p:ä'],
});

const KUBECTL = {
  missing: whyNot('kubectl', ['version', '--client'], {}, /Client Version|GitVersion/),
};

test("says that a codespace's own token does not last", async () => {
  const codespace = { CODESPACES: 'true', GITHUB_USER: 'octocat', GITHUB_TOKEN: `ghu_${CANARY}` };
  const { status, stdout, stderr } = await exported([], codespace);
  expect({ status, keys: read(stdout).keys }).toEqual({ status: 0, keys: ['ghcr.io'] });
  expect(stderr).toMatch(/^GITHUB_TOKEN: is this codespace's own token.*\[EXPORT_TOKEN_ENDS\]$/m);
});

describe('the manifest', () => {
  test('is this one, byte for byte', async () => {
    expect(await exported([], triple('HUB', 'docker.io', 'ada', 's3cret'))).toEqual({
      status: 0,
      stdout: [
        'apiVersion: v1',
        'kind: Secret',
        'metadata:',
        '  name: "registry-auth"',
        'type: kubernetes.io/dockerconfigjson',
        'data:',
        '  .dockerconfigjson: eyJhdXRocyI6eyJodHRwczovL2luZGV4LmRvY2tlci5pby92MS8iOnsiYXV0aCI6IllXUmhPbk16WTNKbGRBPT0ifSwiZG9ja2VyLmlvIjp7ImF1dGgiOiJZV1JoT25NelkzSmxkQT09In19fQ==',
        '',
      ].join('\n'),
      stderr: '',
    });
  });

  test.each([['123'], ['true'], ['null'], ['1e3'], ['0x1f'], ['a.b-c.9'], ['x'.repeat(253)]])(
    'has the name %s as text',
    async (name) => {
      const { stdout } = await exported(['--name', name, '--namespace', '9'], GOOD);
      expect(read(stdout).secret).toEqual({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace: '9' },
        type: 'kubernetes.io/dockerconfigjson',
        data: expect.any(Object),
      });
    },
  );

  const wrong = [
    '',
    'A',
    'a_b',
    '-a',
    'a-',
    'a..b',
    '.a',
    'a/b',
    'a\nb',
    'a"b',
    'ä',
    'x'.repeat(254),
  ];
  test.each([
    ...wrong.map((name) => ['--name', name]),
    ...wrong.map((name) => ['--namespace', name]),
    ['--namespace', 'a.b'],
    ['--namespace', 'x'.repeat(64)],
  ])('refuses %s %j', (option, name) => {
    // With an equals sign, or a word that begins with a hyphen would be an option.
    expect(parseCommand(['export', 'kubernetes', `${option}=${name}`])).toMatchObject({
      name: 'usage',
      problem: { code: 'USAGE' },
    });
  });

  test.each(['--name=A', '--name=a\nb', '--namespace=', '--namespace=a.b'])(
    'is not printed with %j',
    async (word) => {
      const { status, stdout, stderr } = await exported([word], GOOD);
      expect([status, stdout, stderr.includes('[USAGE]')]).toEqual([2, '', true]);
    },
  );

  test('is not printed for a format that there is not', async () => {
    for (const words of [['export'], ['export', 'env'], ['export', 'kubernetes', '--all']]) {
      const finished = await run('registry-auth', words, { env: { PATH, ...GOOD } });
      expect([words, finished.status, finished.stdout]).toEqual([words, 2, '']);
    }
  });

  testWith([KUBECTL], 'is taken by kubectl', async () => {
    const { stdout: input } = await exported(['--name', '1e3', '--namespace', '9'], SOME);
    // The one command that decodes a Secret as such and asks no cluster.
    const words = ['label', '--local', '-f', '-', 'tried=yes', '-o', 'json'];
    const { status, stdout, stderr } = await run('kubectl', words, { input, home: scratchHome() });
    expect([status, stderr]).toEqual([0, '']);
    const { secret } = read(input);
    const metadata = { ...secret.metadata, labels: { tried: 'yes' } };
    // Old ones add when it was made: never.
    expect(JSON.parse(stdout)).toMatchObject({ ...secret, metadata });
  });
});

describe('a kubelet finds in it', () => {
  let manifest: Promise<Finished>;
  beforeAll(() => {
    manifest = exported([], SOME);
  });

  test.each([
    ['alpine', [`ada:${CANARY}`]],
    ['ada/app:1', [`ada:${CANARY}`]],
    ['docker.io/library/alpine', [`ada:${CANARY}`]],
    ['quay.io/team/app@sha256:0', ['team+robot:of the team', 'ada:of the host']],
    ['quay.io/other/app', ['ada:of the host']],
    ['registry.example.com:5000/app', ['ada:with a port']],
    ['registry.example.com/app', []],
    ['tls.example.com/app', ['ada:p:ä']],
    ['tls.example.com:443/app', ['ada:p:ä']],
    ['ghcr.io/app', []],
  ])('for %s the logins %j', async (image, logins) => {
    const { status, stdout } = await manifest;
    expect(status).toBe(0);
    expect([...new Set(findKubeletLogins(read(stdout).config, image))]).toEqual(logins);
  });

  test('no helper, and nothing but auth', async () => {
    const home = scratchHome({
      '.docker/config.json': '{"credsStore":"other","auths":{"a.io":{}}}',
    });
    const { config } = read((await exported([], SOME, home)).stdout);
    const { auths, ...others } = JSON.parse(config);
    const members = Object.values(auths as object).map((entry) => Object.keys(entry));
    expect([others, new Set(members.flat())]).toEqual([{}, new Set(['auth'])]);
  });

  test('an identity token of Azure as the password of its user of zeros', async () => {
    const token = triple('ACR', 'mycompany.azurecr.io', '<token>', CANARY);
    const { status, stdout } = await exported([], token);
    expect(status).toBe(0);
    expect(findKubeletLogins(read(stdout).config, 'mycompany.azurecr.io/app')).toEqual([
      `00000000-0000-0000-0000-000000000000:${CANARY}`,
    ]);
  });

  test('no identity token of another registry, which has no user for it', async () => {
    const token = triple('OTHER', 'registry.example.com', '<token>', CANARY);
    for (const format of ['docker-config', 'kubernetes'] as const) {
      const { status, stdout, stderr } = await exportedAs(format, [], token);
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toContain('[EXPORT_UNUSABLE]');
    }
  });
});

describe('a config.json', () => {
  test('is this one, byte for byte', async () => {
    const env = triple('HUB', 'docker.io', 'ada', 's3cret');
    expect(await exportedAs('docker-config', [], env)).toEqual({
      status: 0,
      stdout:
        '{\n\t"auths": {\n\t\t"https://index.docker.io/v1/": {\n\t\t\t"auth": "YWRhOnMzY3JldA=="\n\t\t},\n\t\t"docker.io": {\n\t\t\t"auth": "YWRhOnMzY3JldA=="\n\t\t}\n\t}\n}\n',
      stderr: '',
    });
  });

  test('holds what the Secret holds, whatever this machine has', async () => {
    const home = scratchHome({
      '.docker/config.json':
        '{"credsStore":"other","credHelpers":{"quay.io":"other"},"auths":{"a.io":{"auth":"YTpi"}}}',
    });
    const { status, stdout, stderr } = await exportedAs('docker-config', [], SOME, home);
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(read((await exported([], SOME)).stdout).config));
  });

  test('has the keys of namespaces before that of their host', async () => {
    const { stdout } = await exportedAs('docker-config', ['quay.io'], {
      ...SOME,
      ...triple('ZOO', 'quay.io/zoo', 'zoo', 'of the zoo'),
    });
    expect(Object.keys(JSON.parse(stdout).auths)).toEqual([
      'quay.io/team',
      'quay.io/zoo',
      'quay.io',
    ]);
  });

  test("lets every client in that reads docker's file, by its own rules", async () => {
    const { stdout } = await exportedAs('docker-config', ['PORT'], SOME);
    const home = scratchHome({ '.docker/config.json': stdout });
    const words = ['status', 'registry.example.com:5000/team/app', '--json'];
    const { clients } = JSON.parse(
      (await run('registry-auth', words, { env: { PATH }, home })).stdout,
    );
    expect(clients.map(({ client, user }: Record<string, string>) => [client, user])).toEqual(
      ['docker', 'podman', 'crane', 'oras', 'helm', 'kubelet', 'devcontainer'].map((client) => [
        client,
        'ada',
      ]),
    );
  });

  test('is a member of the document with --json, and null beside a problem', async () => {
    const { stdout } = await exportedAs('docker-config', ['HUB', '--json'], SOME);
    const auths = {
      'https://index.docker.io/v1/': entry('ada', CANARY),
      'docker.io': entry('ada', CANARY),
    };
    expect(JSON.parse(stdout)).toMatchObject({
      dockerConfig: { auths },
      problems: [],
      notices: [],
    });
    const none = await exportedAs('docker-config', ['--json'], {});
    expect([none.status, JSON.parse(none.stdout).dockerConfig]).toEqual([1, null]);
  });

  testWith([KUBECTL], 'is made a Secret by kubectl', async () => {
    const { stdout } = await exportedAs('docker-config', [], SOME);
    const home = scratchHome({ 'config.json': stdout });
    const from = `--from-file=.dockerconfigjson=${home}/config.json`;
    const type = 'kubernetes.io/dockerconfigjson';
    const words = ['create', 'secret', 'generic', 'a', from, `--type=${type}`];
    const made = await run('kubectl', [...words, '--dry-run=client', '-o', 'json'], { home });
    expect([made.status, made.stderr]).toEqual([0, '']);
    const { config } = read(made.stdout);
    expect(findKubeletLogins(config, 'registry.example.com:5000/app')).toEqual(['ada:with a port']);
  });

  test('has no name and no namespace', async () => {
    for (const option of ['--name=a', '--namespace=a']) {
      const { status, stdout, stderr } = await exportedAs('docker-config', [option], SOME);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toContain('--name and --namespace are for kubernetes only [USAGE]');
    }
  });
});

describe('a choice', () => {
  test.each([
    [['HUB'], ['https://index.docker.io/v1/', 'docker.io']],
    [['quay.io'], ['quay.io', 'quay.io/team']],
    [['quay.io/team'], ['quay.io/team']],
    [
      ['PORT', 'TLS'],
      ['registry.example.com:5000', 'tls.example.com:443', 'tls.example.com'],
    ],
  ])('of %j is %j', async (words, keys) => {
    const { status, stdout } = await exported(words, SOME);
    expect([status, read(stdout).keys.sort()]).toEqual([0, [...keys].sort()]);
  });

  test('of an unknown name prints nothing, and not what was typed before an @', async () => {
    const { status, stdout, stderr } = await exported(['HUB', `https://u:${CANARY}@x.io`], SOME);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^x\.io: is not the ID or host .* \[EXPORT_EMPTY\]\n/);
  });

  test('is not spoilt by what was not asked for', async () => {
    const env = { ...SOME, BAD_CONTAINER_REGISTRY_USER: 'alone' };
    expect(await exported(['HUB'], env)).toMatchObject({ status: 0, stderr: '' });
    expect(await exported(['BAD'], env)).toMatchObject({ status: 1, stdout: '' });
  });
});

describe('nothing is printed', () => {
  test('with a part of the triples, and it is said why', async () => {
    const { status, stdout, stderr } = await exported([], {
      ...SOME,
      BAD_CONTAINER_REGISTRY_USER: 'alone',
    });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('[TRIPLE_INCOMPLETE]');
    expect(stderr).toContain(
      'export: nothing is printed, because an incomplete export would replace a complete one [EXPORT_WITHHELD]\n  fix: fix that first, or name the IDs to export\n',
    );
  });

  test('without a triple', async () => {
    expect(await exported([], {})).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'export: no registry secret is set in this shell [EXPORT_EMPTY]\n  fix: run it where the <ID>_CONTAINER_REGISTRY_ variables are\n',
    });
  });

  const SCRIPT = { missing: whyNot('script', ['--version'], {}, /util-linux/) };
  for (const [format, mark] of [
    ['kubernetes', '.dockerconfigjson: '],
    ['docker-config', '"auths": {'],
  ]) {
    testWith([SCRIPT], `on a terminal as ${format}, unless it is asked for by force`, async () => {
      const onTerminal = (words: string) =>
        run('script', ['-qec', `registry-auth export ${format} ${words}`, '/dev/null'], {
          env: { PATH, ...GOOD, SHELL: '/bin/sh' },
          home: scratchHome(),
        });
      const refused = await onTerminal('');
      expect(refused.status).toBe(1);
      expect(refused.stdout).toContain('EXPORT_TO_TERMINAL');
      expect(refused.stdout).not.toContain(mark);
      expectNoSecret(refused.stdout, [CANARY, { user: 'ada', password: CANARY }]);
      const forced = await onTerminal('--force');
      expect([forced.status, forced.stdout.includes(`${mark}`)]).toEqual([0, true]);
    });
  }
});

describe('a triple of the environment', () => {
  test('is exported although somebody has logged in by hand, and config.json is broken', async () => {
    const cli = newCli();
    const home = scratchHome({
      '.docker/config.json': '{"auths":{"good.example":{"auth":"YTpi"}}',
    });
    expect(await cli(['apply'], { home, env: GOOD })).toMatchObject({ status: 1 });
    const { status, stdout, stderr } = await exported([], GOOD, home);
    expect([status, stderr]).toEqual([0, '']);
    expect(findKubeletLogins(read(stdout).config, 'good.example/app')).toEqual([`ada:${CANARY}`]);
  });
});

describe('tokens of Amazon ECR', () => {
  testInMemory('are new each time, whatever is cached, and their end is said', async () => {
    const scene = await makeScene();
    await scene.cli(['apply'], APP);
    const cached = scene.standIn.tokens.map(({ token }) => token);
    const { status, stdout, stderr } = await scene.cli(['export', 'kubernetes'], APP);
    expect(status).toBe(0);
    const [, { token, expiresAt } = { token: '', expiresAt: 0 }] = scene.standIn.tokens;
    const image = `${HOST}/team/app`;
    expect(findKubeletLogins(read(stdout).config, image)).toEqual([`AWS:${token}`]);
    const end = new Date(expiresAt).toISOString();
    expect(stderr).toBe(
      `APP: its token expires at ${end} [EXPORT_TOKEN_ENDS]\n  fix: export again before that\n`,
    );
    expectNoSecret(stdout + stderr, [...KEYS, ...cached]);
  });

  test('are in a config.json as they are in a Secret', async () => {
    const scene = await makeScene();
    const { status, stdout, stderr } = await scene.cli(['export', 'docker-config'], APP);
    const [{ token } = { token: '' }] = scene.standIn.tokens;
    expect([status, loginsOf(stdout)]).toEqual([0, { [HOST]: `AWS:${token}` }]);
    expect(stderr).toContain('[EXPORT_TOKEN_ENDS]');
    expectNoSecret(stdout + stderr, KEYS);
  });

  test('of a role are had in the same way', async () => {
    const scene = await makeScene();
    const { status, stdout } = await scene.cli(['export', 'kubernetes', 'ROLE'], ASSUMED);
    const [{ token } = { token: '' }] = scene.standIn.tokens;
    expect(status).toBe(0);
    expect(findKubeletLogins(read(stdout).config, `${HOST}/app`)).toEqual([`AWS:${token}`]);
  });

  test('that are refused leave nothing to print', async () => {
    const scene = await makeScene();
    const wrong = tripleOf('APP', HOST, { ...TEAM, secretAccessKey: "nobody's secret" });
    const { status, stdout, stderr } = await scene.cli(['export', 'kubernetes'], {
      ...GOOD,
      ...wrong,
    });
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/\[ECR_SECRET_WRONG\](?:.|\n)*\[EXPORT_WITHHELD\]/);
    expectNoSecret(stderr, [...KEYS, CANARY]);
  });

  const tokenUntil = (seconds: number) =>
    triple('TOKEN', HOST, 'AWS', Buffer.from(`{"expiration":${seconds}}`).toString('base64'));

  test('that somebody pasted end too, and are not exported afterwards', async () => {
    const fresh = await exported([], tokenUntil(4_000_000_000));
    expect([fresh.status, fresh.stderr]).toEqual([
      0,
      expect.stringMatching(/^TOKEN: its token expires at 2096-\S+ \[EXPORT_TOKEN_ENDS\]\n/),
    ]);
    const dead = await exported([], tokenUntil(1_700_000_000));
    expect([dead.status, dead.stdout]).toEqual([1, '']);
    expect(dead.stderr).toMatch(/^TOKEN_CONTAINER_REGISTRY_PASSWORD: .*\[ECR_TOKEN_EXPIRED\]\n/);
  });
});
