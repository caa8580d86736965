import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { safeLoad } from 'js-yaml';
import { renderMask } from '../../src/action/protocol.ts';
import { stopDaemon } from '../support/daemon.ts';
import { DOCKER_REGISTRY, startDockerRegistry } from '../support/docker-registry.ts';
import { startEcrStandIn } from '../support/ecr-stand-in.ts';
import { AWS_KEYS, TEAM, tripleOf } from '../support/ecr-stand-in-identities.ts';
import { BUILT_ACTION, Job, readAction, type Step } from '../support/job.ts';
import { testWith } from '../support/needs.ts';
import { CANARY, expectNoSecret, scratchHome } from '../support/process.ts';
import { publishTiny } from '../support/publish-tiny.ts';
import { run, runOrThrow, whyNot } from '../support/run.ts';
import { startTokenRegistry } from '../support/token-registry.ts';
import { configWith, entry, loginsOf, passwordsOf, triple, triples } from '../support/triples.ts';
import { ANOTHER_USER, ANYBODY, OPEN_NODE } from './support/nobody.ts';

// A step starts several programs, on a machine that may be busy.
jest.setTimeout(60_000);

const ACME = triple('ACME', 'registry.example.com', 'ada', CANARY);
const CONFIG = '.docker/config.json';

const secretsOf = (variables: Record<string, string>) => ({ secrets: JSON.stringify(variables) });

/** The logins of the job's own configuration. */
function loginsIn({ outputs }: Step): Record<string, string> {
  return loginsOf(readFileSync(join(outputs['docker-config'] ?? '', 'config.json'), 'utf8'));
}

/** What there is in a home, as it was last changed. */
function look(home: string): Record<string, string> {
  const paths = readdirSync(home, { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(
    paths.map((path) => {
      const stat = lstatSync(join(home, path));
      const { mtimeMs, mode, ino } = stat;
      const text = stat.isFile() ? readFileSync(join(home, path), 'base64') : '';
      return [path, [mtimeMs, mode, ino, text].join(' ')];
    }),
  );
}

/** Where our programs cache tokens when no job's do. */
const memory = () =>
  ['/dev/shm', process.env.XDG_RUNTIME_DIR ?? '']
    .flatMap((base) => readdirSync(base).map((name) => join(base, name)))
    .filter((path) => /\/registry-auth-\d/.test(path));

const servers: { close(): Promise<void> }[] = [];
afterAll(() => Promise.all(servers.map((server) => server.close())));

describe('a job', () => {
  test('has logins of its own, and leaves nothing, and the home as it was', async () => {
    const home = scratchHome({ [CONFIG]: configWith({ 'other.example': ['bob', 'own'] }) });
    const before = [look(home), memory()];
    const job = new Job({ home });
    const step = await job.use(secretsOf(ACME));
    expect(step).toMatchObject({
      status: 0,
      log: 'registry-auth: ACME (other): ready\n',
      annotations: [],
      summary: '### registry-auth\n\n| registry | state |\n|---|---|\n| ACME (other) | ready |\n\n',
    });
    expect(loginsIn(step)).toEqual({
      'other.example': 'bob:own',
      'registry.example.com': `ada:${CANARY}`,
    });
    expect(dirname(dirname(step.outputs['docker-config'] ?? ''))).toBe(job.temp);
    const later = await job.run('echo "$DOCKER_CONFIG"; command -v registry-auth');
    const [config = '', program = ''] = later.stdout.split('\n');
    expect([config, dirname(dirname(program))]).toEqual([
      step.outputs['docker-config'],
      dirname(config),
    ]);
    const modes = [config, join(config, 'config.json')].map((path) => statSync(path).mode & 0o777);
    expect(modes).toEqual([0o700, 0o600]);
    expect([look(home), memory()]).toEqual(before);
    const ended = { status: 0, log: '', annotations: [], summary: '' };
    expect(await job.end()).toEqual([expect.objectContaining(ended)]);
    expect([job.left(), look(home), memory()]).toEqual([[], ...before]);
  });

  test('finds triples in the environment too', async () => {
    const job = new Job({ home: scratchHome() });
    expect(loginsIn(await job.use({}, ACME))).toEqual({ 'registry.example.com': `ada:${CANARY}` });
    await job.end();
  });

  test('without secrets is green and says so', async () => {
    for (const inputs of [{}, secretsOf({ github_token: 'ghs_x', DEPLOY_KEY: CANARY })]) {
      const job = new Job({ home: scratchHome() });
      const step = await job.use({ ...inputs, strict: 'true', check: 'true' });
      expect(step).toMatchObject({
        status: 0,
        log: 'registry-auth: no registry secrets found; nothing to do\n',
        annotations: [],
        summary: '### registry-auth\n\nno registry secrets found; nothing to do\n',
      });
      await job.end();
      expect(job.left()).toEqual([]);
    }
  });

  test('that fails in between leaves nothing either', async () => {
    const home = scratchHome();
    const job = new Job({ home });
    await job.use(secretsOf(ACME));
    const failed = await job.run('echo junk >"$DOCKER_CONFIG/config.json"; exit 3');
    expect(failed.status).toBe(3);
    await job.end();
    expect([job.left(), readdirSync(home)]).toEqual([[], []]);
  });

  test('whose step fails in the middle of its work leaves nothing', async () => {
    const action = scratchHome();
    cpSync(BUILT_ACTION, action, { recursive: true });
    rmSync(join(action, 'wrapper.sh'));
    const job = new Job({ home: scratchHome(), action });
    const step = await job.use(secretsOf(ACME));
    expect(step).toMatchObject({
      status: 1,
      annotations: [{ level: 'error', message: 'unexpected Error ENOENT' }],
      exported: {},
    });
    expect(job.left()).not.toEqual([]);
    await job.end();
    expect(job.left()).toEqual([]);
  });

  test('whose runner has removed the folder already is quiet', async () => {
    const job = new Job({ home: scratchHome() });
    const { state } = await job.use(secretsOf(ACME));
    rmSync(state.folder ?? '', { recursive: true });
    expect(await job.end()).toMatchObject([{ status: 0, log: '' }]);
  });

  test('removes nothing behind a link in place of its folder', async () => {
    const job = new Job({ home: scratchHome() });
    const { state } = await job.use(secretsOf(ACME));
    const other = scratchHome({ 'keep/me': 'x' });
    rmSync(state.folder ?? '', { recursive: true });
    symlinkSync(other, state.folder ?? '');
    expect(await job.end()).toMatchObject([{ status: 0, log: '' }]);
    expect(readFileSync(join(other, 'keep/me'), 'utf8')).toBe('x');
  });

  test('removes no folder but its own', async () => {
    const temp = join(scratchHome(), 'temp');
    const post = join(BUILT_ACTION, readAction().runs.post);
    const others = ['mine', 'registry-auth-x/y', '../registry-auth-z', '.'];
    const own = join(temp, 'registry-auth-own');
    for (const name of ['mine', 'registry-auth-x/y', '../registry-auth-z'])
      mkdirSync(join(temp, name), { recursive: true });
    mkdirSync(own);
    for (const folder of [
      '',
      ...others.map((name) => `${temp}/${name}`),
      `${dirname(temp)}/registry-auth-z`,
      own,
    ]) {
      const env = { RUNNER_TEMP: `${temp}/`, STATE_folder: folder };
      const finished = await run(process.execPath, [post], { home: temp, env });
      expect([folder, finished]).toEqual([folder, { status: 0, stdout: '', stderr: '' }]);
    }
    expect(readdirSync(dirname(temp), { recursive: true }).sort()).toEqual([
      'registry-auth-z',
      'temp',
      'temp/mine',
      'temp/registry-auth-x',
      'temp/registry-auth-x/y',
    ]);
  });

  testWith(
    [ANYBODY],
    'of another user works as well, and tells what it cannot remove',
    async () => {
      const action = scratchHome();
      cpSync(BUILT_ACTION, action, { recursive: true });
      const job = new Job({ home: scratchHome(), action, user: ANOTHER_USER, node: OPEN_NODE });
      for (const folder of [action, job.folder]) chmodSync(folder, 0o755);
      chmodSync(job.temp, 0o777);
      const step = await job.use(secretsOf(ACME));
      expect(step).toMatchObject({ status: 0, log: 'registry-auth: ACME (other): ready\n' });
      chmodSync(job.temp, 0o555);
      const [end] = await job.end();
      chmodSync(job.temp, 0o755);
      expect(end).toMatchObject({
        status: 0,
        annotations: [
          {
            level: 'warning',
            title: 'registry-auth ACTION_NOT_REMOVED',
            message: `${step.state.folder}: cannot be removed (EACCES); fix: remove it, because it holds logins`,
          },
        ],
      });
      // All that it held is gone.
      expect(job.left().filter((path) => path.includes('/'))).toEqual([]);
    },
  );

  test('has nothing in common with another one in the same home, at the same time', async () => {
    const home = scratchHome({ [CONFIG]: '{}' });
    const before = look(home);
    const jobs = ['one', 'two'].map((name) => new Job({ home, temp: `${name} "it's" $HOME` }));
    const steps = await Promise.all(
      jobs.map((job, index) =>
        job.use(secretsOf(triple(`ID${index}`, `r${index}.example`, 'ada', `secret-${index}`))),
      ),
    );
    expect(steps.map(loginsIn)).toEqual([
      { 'r0.example': 'ada:secret-0' },
      { 'r1.example': 'ada:secret-1' },
    ]);
    await jobs[0]?.end();
    const get = 'echo r1.example | docker-credential-registry-auth get';
    expect(JSON.parse((await jobs[1]?.run(get))?.stdout ?? '')).toMatchObject({
      Secret: 'secret-1',
    });
    await jobs[1]?.end();
    expect([jobs.map((job) => job.left()), look(home)]).toEqual([[[], []], before]);
  });

  test('can use the action twice, and the second adds to the first', async () => {
    const job = new Job({ home: scratchHome() });
    const first = await job.use(secretsOf(ACME));
    const second = await job.use(secretsOf(triple('TWO', 'two.example', 'bob', 'x2')));
    expect(Object.keys(loginsIn(second)).sort()).toEqual(['registry.example.com', 'two.example']);
    const ends = await job.end();
    // The end of a step that came before, such as a logout, finds what it wrote.
    expect(ends.map(({ exported }) => exported.DOCKER_CONFIG)).toEqual([
      first.outputs['docker-config'],
      '',
    ]);
    expect(job.left()).toEqual([]);
  });
});

test('the page shows what is printed, and the inputs that there are', async () => {
  const page = readFileSync('docs/ci.md', 'utf8');
  const [, shown] = /```text\n(.*?)```/s.exec(page) ?? [];
  const job = new Job({ home: scratchHome() });
  const step = await job.use(secretsOf({ ...ACME, ...triple('HUB', 'docker.io', 'ada', 'x-1') }));
  expect(shown).toBe(step.log);
  await job.end();
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \| /gm)].map(([, name]) => name);
  const { inputs, outputs } = readAction('.');
  expect(rows).toEqual(Object.keys(inputs));
  expect(page).toContain(`The output \`${Object.keys(outputs).join()}\` is`);
  const steps = ['ci', 'agents'].flatMap((name) =>
    stepsOf(readFileSync(`docs/${name}.md`, 'utf8')),
  );
  expect(steps.length).toBeGreaterThan(4);
  const given = steps.flatMap((inputsOfStep) => Object.keys(inputsOfStep));
  expect(given.filter((name) => !(name in inputs))).toEqual([]);
});

type Used = { readonly uses?: string; readonly with?: Record<string, unknown> };

/** The inputs of each step of a page that uses the action. */
function stepsOf(page: string): Record<string, unknown>[] {
  const blocks = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = '']) =>
    safeLoad(text),
  );
  const find = (value: unknown): Used[] =>
    typeof value === 'object' && value !== null
      ? [...('uses' in value ? [value as Used] : []), ...Object.values(value).flatMap(find)]
      : [];
  const ours = find(blocks).filter(({ uses }) => uses === 'OWNER/REPOSITORY@v0');
  return ours.map((step) => step.with ?? {});
}

describe('the input secrets', () => {
  test('gives its triples and nothing else', async () => {
    const job = new Job({ home: scratchHome() });
    const others = { DEPLOY_KEY: 'deploy-key-of-this-job', github_token: 'ghs_token_of_this_job' };
    const step = await job.use(secretsOf({ ...ACME, ...others }));
    expectNoSecret({ folder: job.temp }, Object.values(others));
    expectNoSecret(JSON.stringify(step), Object.values(others));
    await job.end();
  });

  test('gives no program that check starts more than its triples', async () => {
    const helper = '#!/bin/sh\ncat >/dev/null; env >>"$HOME/seen"; echo "{}"\n';
    const registry = await startTokenRegistry({ users: {} });
    servers.push(registry);
    const home = scratchHome({
      [CONFIG]: JSON.stringify({ credHelpers: { [registry.host]: 'dump' } }),
      'bin/docker-credential-dump': helper,
    });
    chmodSync(join(home, 'bin/docker-credential-dump'), 0o755);
    const job = new Job({ home, env: { PATH: `${home}/bin:${process.env.PATH}` } });
    const others = { DEPLOY_KEY: 'deploy-key-of-this-job', github_token: 'ghs_token_of_this_job' };
    // A triple of a namespace leaves the host to the helper that is there, which check asks.
    const own = triple('D', `${registry.host}/team`, 'ada', 'password-of-d');
    await job.use({ ...secretsOf({ ...own, ...others }), check: 'true' });
    await job.end();
    const seen = readFileSync(join(home, 'seen'), 'utf8');
    expectNoSecret(seen, others);
  });

  test('and the environment never share a triple: an ID comes whole from one of them', async () => {
    const job = new Job({ home: scratchHome() });
    const { ACME_CONTAINER_REGISTRY_SERVER: server, ...others } = ACME;
    const step = await job.use(secretsOf(others), { ACME_CONTAINER_REGISTRY_SERVER: `${server}` });
    expect(step.annotations).toEqual([
      {
        level: 'warning',
        title: 'registry-auth TRIPLE_INCOMPLETE',
        message:
          'ACME_CONTAINER_REGISTRY_SERVER: missing, but USER and PASSWORD are set; ' +
          'fix: set it and grant it to this repository, or remove the other parts',
      },
    ]);
    expect(step.status).toBe(0);
    await job.end();
  });
});

describe('what is wrong', () => {
  const HALF = { ...ACME, HALF_CONTAINER_REGISTRY_USER: 'me' };
  test.each([
    { strict: 'false', level: 'warning', status: 0 },
    { strict: 'true', level: 'error', status: 1 },
  ])('is an annotation, and fails the step where strict is $strict', async (expected) => {
    const { strict, level, status } = expected;
    const job = new Job({ home: scratchHome() });
    const step = await job.use({ ...secretsOf(HALF), strict });
    expect(step).toMatchObject({
      status,
      annotations: [{ level, title: 'registry-auth TRIPLE_INCOMPLETE' }],
      summary: expect.stringContaining('[TRIPLE_INCOMPLETE]'),
    });
    // All the same what is right is there.
    expect(Object.keys(loginsIn(step))).toEqual(['registry.example.com']);
    await job.end();
    expect(job.left()).toEqual([]);
  });

  test('is told once, by whichever command', async () => {
    const job = new Job({ home: scratchHome() });
    const variables = { HALF_CONTAINER_REGISTRY_USER: 'me' };
    const step = await job.use({ ...secretsOf(variables), check: 'true', strict: 'true' });
    expect(step).toMatchObject({
      status: 1,
      log: expect.not.stringContaining('nothing to do'),
      annotations: [{ level: 'error', title: 'registry-auth TRIPLE_INCOMPLETE' }],
    });
    expect(step.annotations.length).toBe(1);
    await job.end();
  });

  test.each([
    [{ check: 'yes' }, 'ACTION_INPUT_INVALID', 'input check: is neither true nor false'],
    [{ secrets: 'inherit' }, 'ACTION_INPUT_INVALID', 'input secrets: is not a JSON object'],
    [{ secrets: '["x"]' }, 'ACTION_INPUT_INVALID', 'input secrets: is not a JSON object'],
  ])('in the workflow itself fails it always: %j', async (inputs, code, message) => {
    const job = new Job({ home: scratchHome() });
    const step = await job.use(inputs);
    expect(step).toMatchObject({
      status: 1,
      annotations: [{ level: 'error', title: `registry-auth ${code}` }],
    });
    expect(step.annotations[0]?.message).toContain(message);
    await job.end();
    expect(job.left()).toEqual([]);
  });

  test('of the machine is told: no runner is there', async () => {
    const script = join(BUILT_ACTION, readAction().runs.main);
    const { status, stdout } = await run(process.execPath, [script], { home: scratchHome() });
    expect(status).toBe(1);
    expect(stdout).toMatch(/^::error title=registry-auth ACTION_RUNNER_UNFIT::this machine: .*\n$/);
  });
});

describe("docker's folder of the machine", () => {
  const HELPER =
    '#!/bin/sh\ncat >/dev/null; echo "credentials not found in native keychain"; exit 1\n';

  test('with a store, contexts and builders works on, and is not written to', async () => {
    const home = scratchHome({
      [CONFIG]: JSON.stringify({ credsStore: 'none', currentContext: 'rootless' }),
      '.docker/contexts/meta/x/meta.json': '{}',
      '.docker/buildx/current': '{}',
      'bin/docker-credential-none': HELPER,
    });
    chmodSync(join(home, 'bin/docker-credential-none'), 0o755);
    const before = look(home);
    const job = new Job({ home, env: { PATH: `${home}/bin:${process.env.PATH}` } });
    const step = await job.use(secretsOf(ACME));
    const config = step.outputs['docker-config'] ?? '';
    const text = JSON.parse(readFileSync(join(config, 'config.json'), 'utf8'));
    expect(text).toMatchObject({
      credsStore: 'none',
      currentContext: 'rootless',
      credHelpers: { 'registry.example.com': 'registry-auth' },
    });
    expect(readlinkSync(join(config, 'contexts'))).toBe(join(home, '.docker/contexts'));
    expect(readdirSync(config).sort()).toEqual(['config.json', 'contexts']);
    expect(step.exported.BUILDX_CONFIG).toBe(join(home, '.docker/buildx'));
    const get = 'echo registry.example.com | docker-credential-registry-auth get';
    expect(JSON.parse((await job.run(get)).stdout)).toMatchObject({ Secret: CANARY });
    await job.end();
    expect([job.left(), look(home)]).toEqual([[], before]);
  });

  test('is the one that DOCKER_CONFIG names', async () => {
    const DOCKER_CONFIG = scratchHome({
      'config.json': configWith({ 'other.example': ['bob', 'own'] }),
    });
    const job = new Job({ home: scratchHome(), env: { DOCKER_CONFIG } });
    expect(loginsIn(await job.use())).toEqual({ 'other.example': 'bob:own' });
    await job.end();
  });

  test('that holds what cannot be read is told, and the job has its logins', async () => {
    const home = scratchHome({ [CONFIG]: 'x' });
    writeFileSync(join(home, CONFIG), Buffer.from([0xc3, 0x28]));
    const job = new Job({ home });
    const step = await job.use(secretsOf(ACME));
    expect(step.annotations).toMatchObject([{ title: 'registry-auth ACTION_NOT_SEEDED' }]);
    expect(Object.keys(loginsIn(step))).toEqual(['registry.example.com']);
    await job.end();
  });

  test('that is a file is told, and the job has its logins', async () => {
    const DOCKER_CONFIG = join(scratchHome({ file: '{}' }), 'file');
    const job = new Job({ home: scratchHome(), env: { DOCKER_CONFIG } });
    const step = await job.use(secretsOf(ACME));
    expect(step.annotations).toMatchObject([{ title: 'registry-auth ACTION_NOT_SEEDED' }]);
    expect(Object.keys(loginsIn(step))).toEqual(['registry.example.com']);
    await job.end();
  });
});

describe("the job's token", () => {
  const TOKEN = 'ghs_canaryOfTheJob0123456789';
  const env = { GITHUB_ACTOR: 'octocat' };

  test('is for ghcr.io where it is handed in', async () => {
    const job = new Job({ home: scratchHome() });
    const step = await job.use({ 'github-token': TOKEN }, env);
    expect(loginsIn(step)).toEqual({ 'ghcr.io': `octocat:${TOKEN}` });
    expect(step).toMatchObject({ status: 0, log: 'registry-auth: GITHUB_TOKEN (ghcr): ready\n' });
    expect(step.masks).toContain(TOKEN);
    await job.end();
  });

  test.each([
    [
      'a triple for it',
      secretsOf(triple('ZED', 'https://GHCR.io/acme', 'ada', 'ghp_of_zed')),
      '{}',
    ],
    ['a login of the machine', {}, configWith({ 'ghcr.io': ['ada', 'ghp_of_zed'] })],
  ])('gives way to %s', async (_, inputs, config) => {
    const job = new Job({ home: scratchHome({ [CONFIG]: config }) });
    const step = await job.use({ ...inputs, 'github-token': TOKEN }, env);
    expect(step.status).toBe(0);
    expect(step.annotations.filter(({ level }) => level !== 'notice')).toEqual([]);
    expect(loginsIn(step)['ghcr.io']).toBe('ada:ghp_of_zed');
    await job.end();
  });
});

describe('secrets', () => {
  const KEY = JSON.stringify(
    { type: 'service_account', private_key: '-----BEGIN PRIVATE KEY-----\ncanaryKeyLine0\n' },
    null,
    2,
  );
  const VARIABLES = {
    ...triples({ ACME: ['registry.example.com', 'ada', CANARY], G: ['gcr.io', '_json_key', KEY] }),
    ...triple('BAD', 'registry.example.com', `${CANARY}:x`, 'password-of-bad'),
    NEAR_CONTAINER_REGISTRY_PASS: 'password-of-near',
  };

  test('are masked in every form, and nowhere in what a step tells', async () => {
    const job = new Job({ home: scratchHome() });
    const step = await job.use({ ...secretsOf(VARIABLES), check: 'false' });
    const { masks, ...told } = step;
    const secrets = { ...passwordsOf(VARIABLES), near: 'password-of-near' };
    expectNoSecret(JSON.stringify(told), secrets);
    expectNoSecret(`${told.log}${told.summary}`, secrets);
    expect(step.state).toEqual({
      folder: dirname(step.outputs['docker-config'] ?? ''),
      before: '',
    });
    const printed = [
      ...[CANARY, encodeURIComponent(CANARY), 'password-of-bad', 'password-of-near'],
      ...[entry('ada', CANARY).auth, entry('_json_key', KEY).auth],
      ...[JSON.stringify(CANARY).slice(1, -1), JSON.stringify(KEY).slice(1, -1)],
      Buffer.from(CANARY).toString('base64'),
      ...KEY.split('\n')
        .map((line) => line.trim())
        .filter((line) => line.length >= 8),
    ];
    expect(printed.filter((text) => !masks.includes(text))).toEqual([]);
    // A line such as { would hide half of the log.
    expect(masks.filter((text) => text.trim().length < 8)).toEqual([]);
    expect(masks.map(renderMask).filter((line) => line.split('\n').length !== 2)).toEqual([]);
    await job.end();
  });

  test('of Amazon become a token that lasts the job, and are in no file', async () => {
    const standIn = await startEcrStandIn({ identities: [{ ...TEAM }] });
    servers.push(standIn);
    const HOST = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
    const env = { AWS_ENDPOINT_URL_ECR: standIn.url };
    const [home, before] = [scratchHome(), memory()];
    const job = new Job({ home, env });
    const step = await job.use(secretsOf(tripleOf('APP', HOST, TEAM)));
    expect(step).toMatchObject({ status: 0, log: 'registry-auth: APP (ecr): ready\n' });
    const { [HOST]: login = '' } = loginsIn(step);
    const token = login.replace(/^AWS:/, '');
    expect(token.length).toBeGreaterThan(20);
    expect([token, entry('AWS', token).auth].filter((one) => !step.masks.includes(one))).toEqual(
      [],
    );
    expectNoSecret({ folder: job.temp }, AWS_KEYS);
    const got = await job.run(`echo ${HOST} | docker-credential-registry-auth get`);
    expect(JSON.parse(got.stdout)).toMatchObject({ Username: 'AWS', Secret: token });
    expect(standIn.exchanges).toBe(1);
    expect(memory()).toEqual(before);
    await job.end();
    expect([job.left(), readdirSync(home), memory()]).toEqual([[], [], before]);
  });
});

const pids: number[] = [];
afterAll(() => Promise.all(pids.map((pid) => stopDaemon(pid))));

const NEEDS = [...DOCKER_REGISTRY, { missing: whyNot('htpasswd', ['-B', '-b', '-n', 'a', 'b']) }];
const SKOPEO = { missing: whyNot('skopeo', ['--version']) };

describe("Debian's registry", () => {
  let host = '';
  beforeAll(async () => {
    if (NEEDS.some(({ missing }) => missing)) return;
    const dir = scratchHome();
    const path = join(dir, 'htpasswd');
    await runOrThrow('htpasswd', ['-B', '-i', '-c', path, 'ada'], { input: CANARY });
    const auth = { htpasswd: { realm: 'private', path } };
    host = await startDockerRegistry(dir, (pid) => pids.push(pid), { auth });
    const authorization = `Basic ${entry('ada', CANARY).auth}`;
    await publishTiny({ host, authorization }, 'team/app', 'v1');
  });

  const inspect = () => `skopeo inspect --tls-verify=false docker://${host}/team/app:v1`;

  testWith([...NEEDS, SKOPEO], 'lets a later step in, until the job ends', async () => {
    const job = new Job({ home: scratchHome() });
    expect((await job.run(inspect())).status).not.toBe(0);
    const step = await job.use({
      ...secretsOf(triple('ACME', host, 'ada', CANARY)),
      check: 'true',
    });
    expect(step).toMatchObject({
      status: 0,
      log: 'registry-auth: ACME (other): ready, accepted\n',
      annotations: [],
    });
    expect(await job.run(inspect())).toMatchObject({ status: 0, stderr: '' });
    await job.end();
    expect((await job.run(inspect())).status).not.toBe(0);
  });

  testWith(NEEDS, 'refuses another password, which check tells and strict fails', async () => {
    for (const strict of ['false', 'true']) {
      const job = new Job({ home: scratchHome() });
      const inputs = { ...secretsOf(triple('ACME', host, 'ada', 'another-password')), strict };
      const step = await job.use({ ...inputs, check: 'true' });
      expect(step).toMatchObject({
        status: strict === 'true' ? 1 : 0,
        annotations: [
          {
            level: strict === 'true' ? 'error' : 'warning',
            title: 'registry-auth rejected',
            message: expect.stringMatching(/^ACME: refuses the user name or the password/),
          },
        ],
      });
      expectNoSecret(JSON.stringify({ ...step, masks: [] }), ['another-password']);
      await job.end();
    }
  });
});
