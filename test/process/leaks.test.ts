import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { COMMANDS, renderHelp } from '../../src/report/help.ts';
import { type Watch, watchArguments } from '../support/arguments.ts';
import { LIB } from '../support/built.ts';
import { GUEST } from '../support/ecr-stand-in-identities.ts';
import { age } from '../support/lock.ts';
import { testWith } from '../support/needs.ts';
import { expectNoSecret, scratchHome } from '../support/process.ts';
import { run, runNode, whyNot } from '../support/run.ts';
import { configWith, triple } from '../support/triples.ts';
import { CONFIG, LOGINS } from './support/cli.ts';
import { HOST, makeScene, type Scene } from './support/ecr-scene.ts';
import { Image } from './support/image.ts';
import {
  type Call,
  ENV,
  ENV_FILE,
  FILES,
  LeakScene,
  MADE_HOST,
  type Moment,
  SECRETS,
} from './support/leak-scene.ts';
import { describeInShells } from './support/shells.ts';

/**
 * One set of secrets through every command, option and failure: not in the output, in a file that
 * they were not put into, on a command line, in compiled code or in a program that we start.
 */
jest.setTimeout(120_000);

const words = (text: string): Call => ({ words: text.split(' ') });
const helper = (verb: string, input: string): Call => ({
  program: 'docker-credential-registry-auth',
  words: [verb],
  input,
});
const stored = (ServerURL: string) =>
  JSON.stringify({ ServerURL, Username: 'eve', Secret: SECRETS['a login through our helper'] });

const withoutSecret = (answer: string) => JSON.stringify({ ...JSON.parse(answer), Secret: '' });

/** Every command with every option of its own; a test below compares them with the help. */
const CALLS: readonly Call[] = [
  ...['hook onCreate', 'hook updateContent', 'hook postCreate', 'hook postStart'].map(words),
  ...['apply', 'apply --dry-run', 'apply --force --json', 'apply --prune'].map(words),
  ...['apply --env-file team.env', 'apply --env-file none.env --json'].map(words),
  ...['apply --credentials helper', 'apply --credentials file --dry-run --json'].map(words),
  ...['status', 'status --json', 'logout', 'logout ACME --json', 'logout quay.io none'].map(words),
  ...[`status ${HOST}`, `status ${HOST}/team/app:1 --json`, 'status a b'].map(words),
  ...['status --require ACME,none', 'status ACME --json', 'hook postStart --json'].map(words),
  ...[
    'help status',
    'export kubernetes --json none',
    'export docker-config none',
    '--json applly',
  ].map(words),
  // These are asked for secrets: their output is left to their own tests.
  { ...words('export docker-config ACME'), restOf: () => '' },
  { ...words('export kubernetes --name a --namespace b ACME'), restOf: () => '' },
  // No name below .example leads anywhere.
  ...['check ACME', 'check canary-host.example/team/app:1 --json', 'check none'].map(words),
  ...['--help', '--version', 'apply --unknown', 'nothing', 'configure'].map(words),
  { ...helper('get', 'canary-host.example'), restOf: withoutSecret },
  { ...helper('get', `https://${HOST}`), restOf: withoutSecret },
  { ...helper('get', MADE_HOST), restOf: withoutSecret },
  ...[helper('get', 'nobody.example'), helper('list', ''), helper('version', '')],
  ...[helper('store', stored('canary-host.example')), helper('store', stored('').slice(0, -2))],
  ...[helper('erase', 'canary-host.example'), helper('erase', `https://${HOST}`)],
  helper('nothing', ''),
];

/** These report most failures, and so are called in each. */
const REPORTING = ['hook postStart', 'apply --env-file none.env --json', 'status', 'store'];

/**
 * All calls where all is well, and elsewhere those that report most, with a twelfth of the others, so
 * that a run takes seconds; `LEAKS=all`, as at night, makes every call everywhere.
 */
function callsIn(moment: number): readonly Call[] {
  if (moment === 0 || process.env.LEAKS === 'all') return CALLS;
  return CALLS.filter(
    (call, index) => REPORTING.includes(call.words.join(' ')) || index % 12 === moment % 12,
  );
}

/** As a newer version may write it, or another user who wants it printed. */
const TOMORROW = JSON.stringify({
  ...JSON.parse(`${FILES[CONFIG]}`),
  plugins: {
    'registry-auth': {
      'canary-host.example': `ACME secret:${SECRETS.PASSWORD}`,
      'gone.example': SECRETS.PASSWORD,
    },
    'registry-auth-previous': { 'auths gone.example': SECRETS.PASSWORD },
    'registry-auth-state': { postCreate: SECRETS.PASSWORD },
  },
});
const BYHAND = SECRETS['a login by hand'];

const MOMENTS: readonly Moment[] = [
  { name: 'all is well', isSeen: true, said: /ready: / },
  { name: 'nothing is there yet', files: { [CONFIG]: '{}' }, said: /5 registries ready|6 reg/ },
  {
    name: 'credentials: helper',
    options: { credentials: 'helper' },
    isSilent: true,
    said: /no secret written/,
  },
  { name: 'a prebuild', env: { ACTION_NAME: 'createPrebuildTemplate' }, said: /LOGIN_REFUSED/ },
  { name: 'a credsStore', files: { [CONFIG]: '{"credsStore":"none"}' }, said: /ready/ },
  {
    name: 'triples that are wrong',
    env: {
      ...triple('COLON', 'a.example', `ada:${SECRETS.PASSWORD}`, SECRETS.PASSWORD),
      ...triple('HOST', SECRETS.PASSWORD, 'ada', SECRETS.PASSWORD),
      ...triple(
        'LOGIN',
        `https://ada:${encodeURIComponent(SECRETS.PASSWORD)}@b.example/a b`,
        'a',
        'p',
      ),
      ...triple('GOOGLE', 'gcr.io', '_json_key', SECRETS.PASSWORD),
      ...triple('LONG', 'c.example', 'ada', SECRETS.PASSWORD.repeat(3_000)),
      ...triple('TWICE', 'canary-host.example', 'ada', `${SECRETS.PASSWORD}\r\n`),
      ...triple('ELSEWHERE', 'd.example', GUEST.accessKeyId, GUEST.secretAccessKey),
      HALF_CONTAINER_REGISTRY_PASSWORD: SECRETS.PASSWORD,
      CONTAINER_REGISTRY_PASSWORD: SECRETS.PASSWORD,
    },
    said: /USER_HAS_COLON[\s\S]*GOOGLE_KEY_INVALID/,
  },
  {
    name: 'a config.json that is no JSON',
    files: { [CONFIG]: `${FILES[CONFIG]},${BYHAND}` },
    said: /CONFIG_NOT_JSON/,
  },
  {
    name: 'an entry that nobody can decode',
    files: { [CONFIG]: JSON.stringify({ auths: { 'x.io': { auth: BYHAND } } }) },
    said: /CONFIG_ENTRY_UNDECODABLE/,
  },
  {
    name: 'damaged logins',
    files: { [LOGINS]: `{"r.io":{"user":"u","secret":"${BYHAND}` },
    said: /LOGINS_DAMAGED/,
  },
  { name: 'a record of tomorrow', files: { [CONFIG]: TOMORROW }, said: /RECORD_DAMAGED/ },
  {
    name: 'a config.json that cannot be read',
    arrange: (home) => {
      rmSync(join(home, CONFIG));
      mkdirSync(join(home, CONFIG));
    },
    said: /CONFIG_NOT_READABLE/,
  },
  { name: 'no home', env: { HOME: undefined }, said: /HOME_MISSING/ },
  {
    name: 'an env file that is no text, and one that is too long',
    arrange: (home) => {
      const line = Buffer.from(`${FILES[ENV_FILE]}`);
      writeFileSync(join(home, ENV_FILE), Buffer.concat([line, Buffer.from([0xff])]));
      writeFileSync(join(home, 'work/none.env'), line.toString().repeat(10_000));
    },
    files: { 'work/none.env': '' },
    said: /is not UTF-8 text[\s\S]*is larger than 1 MiB/,
  },
  {
    name: 'files of other clients, and what killed runs left',
    env: { DOCKER_AUTH_CONFIG: configWith({ 'canary-host.example': ['a', SECRETS.PASSWORD] }) },
    files: {
      [`${CONFIG}.lock/k3j9`]: SECRETS.PASSWORD,
      [`${LOGINS}.lock/a8`]: SECRETS.PASSWORD,
    },
    arrange: (home) => {
      for (const path of [CONFIG, LOGINS]) age(`${join(home, path)}.lock`, 10_000);
    },
    said: /DOCKER_AUTH_CONFIG_SHADOWS/,
  },
  {
    name: 'a refusal of AWS',
    arrange: (_, { standIn, cache }) => {
      rmSync(cache, { recursive: true, force: true });
      standIn.identities = standIn.identities.map((one) => ({
        ...one,
        denied: 'ecr:GetAuthorizationToken',
      }));
    },
    said: /ECR_PERMISSION_MISSING/,
  },
  {
    name: 'an answer of AWS that is none',
    arrange: (_, { standIn, cache }) => {
      rmSync(cache, { recursive: true, force: true });
      standIn.mode = 'garbage';
    },
    said: /ECR_ANSWER_INVALID/,
  },
  {
    name: 'a bug of ours',
    options: { envFiles: [Number(SECRETS['an option that is none'])] },
    said: /registry-auth: unexpected TypeError/,
  },
];

let watch: Watch;
beforeAll(() => {
  watch = watchArguments();
});
afterAll(() => void watch.stop());

describe('no secret leaks where there is', () => {
  test.each(MOMENTS)('$name', async (moment) => {
    const scene: Scene = await makeScene();
    const walk = new LeakScene(scene, moment);
    for (const call of callsIn(MOMENTS.indexOf(moment))) await walk.call(call);
    walk.searchRest();
    expect(walk.said).toMatch(moment.said);
  });
});

test('and these were every command and every option', () => {
  const spoken = ['', ...COMMANDS].map((topic) => renderHelp(topic, '')).join('');
  const all = [...spoken.matchAll(/registry-auth (--?[\w-]+|[a-z]\w+)|(--[\w-]+)/g)];
  const named = new Set(all.map(([, command, option]) => command ?? option ?? ''));
  const phases = [...spoken.matchAll(/\b(?:on|update|post)[A-Z]\w+/g)].map(([phase]) => phase);
  const called = new Set(CALLS.flatMap((call) => call.words));
  expect(named.size).toBeGreaterThan(8);
  expect([...named, ...phases].filter((word) => !called.has(word))).toEqual([]);
});

test('no command line of ours, or of anybody else, had a secret', () => {
  const seen = watch.stop();
  // The watch sees what runs for a moment only.
  for (const program of [/start\.cjs registry-auth apply --force/, /start\.cjs docker-cred\S+ get/])
    expect(seen).toContainEqual(expect.stringMatching(program));
  expectNoSecret(seen.join('\n'), SECRETS);
});

const STRACE = { missing: whyNot('strace', ['-f', '-o', '/dev/null', 'true']) };

/** The last call of each command; a hook among them exchanges keys for a token. */
testWith([STRACE], 'no program of ours starts another one, so none gets the secrets', async () => {
  const scene = await makeScene();
  const share = scratchHome(FILES);
  const env = { ...ENV, AWS_ENDPOINT_URL_ECR: scene.standIn.url, XDG_RUNTIME_DIR: scene.runtime };
  for (const call of new Map(CALLS.map((one) => [one.words[0], one])).values()) {
    const log = join(share, 'strace.log');
    const program = join(LIB, `${call.program ?? 'registry-auth'}.cjs`);
    const options = ['-f', '-qq', '-s', '4096', '-e', 'trace=execve,execveat', '-o', log];
    const args = [...options, process.execPath, '--', program, ...call.words];
    await run('strace', args, { env, home: share, cwd: share, input: call.input ?? '' });
    const trace = readFileSync(log, 'utf8');
    expect(trace.match(/execve/g)).toHaveLength(1);
    expectNoSecret(trace, SECRETS);
  }
});

test('no compiled code holds a secret, had it been compiled by a run that knew them all', async () => {
  const share = scratchHome();
  cpSync(LIB, join(share, 'lib'), { recursive: true });
  const start = join(share, 'lib/start.cjs');
  for (const { program = 'registry-auth', words: all, input = '' } of [
    { words: ['hook', 'postStart'] },
    helper('get', 'canary-host.example'),
  ] as const) {
    const options = { env: ENV, home: scratchHome(FILES), input };
    await runNode(start, ['--compile', program, ...all], options);
  }
  expectNoSecret({ folder: share }, SECRETS);
  const names = readdirSync(join(share, 'lib'));
  expect(names.filter((name) => name.endsWith('.cache'))).toHaveLength(2);
});

describeInShells('an image that is built where secrets are', (shell, testInShell) => {
  testInShell('gets none of them', async () => {
    const image = new Image(shell);
    const { status, stdout, stderr } = await image.install(ENV);
    expect([status, stderr]).toEqual([0, '']);
    expectNoSecret(stdout, SECRETS);
    expectNoSecret({ folder: image.root }, SECRETS);
  });
});
