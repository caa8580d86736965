import { describe, expect, test } from '@jest/globals';
import { CANARY, scratchHome } from '../support/process.ts';
import { triple } from '../support/triples.ts';
import { CONFIG, GOOD, MORE } from './support/cli.ts';
import { install } from './support/installed.ts';

const CODESPACE = { CODESPACES: 'true', GITHUB_REPOSITORY: 'octo-org/octo-repo' };
const PREBUILD = { ...CODESPACE, ACTIONS_ID_TOKEN_REQUEST_URL: 'http://localhost/' };
const ACME = triple('ACME', 'acme.example', 'ada', CANARY);
const { ACME_CONTAINER_REGISTRY_PASSWORD: _, ...HALF } = ACME;
const FLAGS = '--app codespaces --user --repos octo-org/octo-repo';
const MESSAGE = [
  'ACME: is required by this repository, but none of its three variables is set here [TRIPLE_EXPECTED]',
  '  fix: set its three secrets, or grant them to octo-org/octo-repo if you have them, on https://github.com/settings/codespaces or with gh on your own computer; then stop and start the codespace; a "secrets" block in devcontainer.json makes GitHub ask for them',
  `    gh secret set ACME_CONTAINER_REGISTRY_SERVER ${FLAGS}`,
  `    gh secret set ACME_CONTAINER_REGISTRY_USER ${FLAGS}`,
  `    gh secret set ACME_CONTAINER_REGISTRY_PASSWORD ${FLAGS}`,
  '',
].join('\n');

const cli = install({ expect: ['ACME'] });
const strict = install({ expect: ['ACME'], strict: true });

describe('a hook of a repository that needs ACME', () => {
  const POST_CREATE = ['hook', 'postCreate'];

  test('says what to type where its secrets are missing, and writes the others', async () => {
    const finished = await cli(POST_CREATE, {
      home: scratchHome(),
      env: { ...CODESPACE, ...GOOD },
    });
    const stdout = 'registry-auth: 1 registry ready: GOOD (other)\n';
    expect(finished).toEqual({ status: 0, stdout, stderr: `registry-auth: ${MESSAGE}${MORE}` });
  });

  test('says so outside a codespace, in words for there', async () => {
    const { status, stderr } = await cli(['hook', 'onCreate'], { home: scratchHome() });
    expect([status, stderr.split('\n')]).toEqual([
      0,
      [
        expect.stringMatching(/^registry-auth: ACME: .* \[TRIPLE_EXPECTED\]$/),
        expect.stringMatching(/^ {2}fix: set ACME_CONTAINER_REGISTRY_SERVER, .*remoteEnv/),
        MORE.trim(),
        '',
      ],
    ]);
  });

  test('says nothing of it where they are there', async () => {
    const finished = await strict(POST_CREATE, { home: scratchHome(), env: ACME });
    const stdout = 'registry-auth: 1 registry ready: ACME (other)\n';
    expect(finished).toEqual({ status: 0, stdout, stderr: '' });
  });

  test('takes them from an env file too', async () => {
    const lines = Object.entries(ACME).map(([name, value]) => `${name}='${value}'\n`);
    const home = scratchHome({ '.env': lines.join('') });
    const withFile = install({ expect: ['ACME'], strict: true, envFiles: ['.env'] });
    expect(await withFile(POST_CREATE, { home })).toMatchObject({ status: 0, stderr: '' });
  });

  test.each([
    { name: 'in part', env: HALF, code: 'TRIPLE_INCOMPLETE' },
    {
      name: 'and wrong',
      env: { ...ACME, ACME_CONTAINER_REGISTRY_USER: 'a:b' },
      code: 'USER_HAS_COLON',
    },
  ])('has one word for those that are there $name', async ({ env, code }) => {
    const { stderr } = await cli(POST_CREATE, { home: scratchHome(), env });
    expect(stderr.match(/\[[A-Z_]+\]/g)).toEqual([`[${code}]`]);
  });

  test('has the real status with the option strict', async () => {
    const finished = await strict(POST_CREATE, { home: scratchHome(), env: CODESPACE });
    expect(finished).toMatchObject({ status: 1, stderr: `registry-auth: ${MESSAGE}${MORE}` });
  });

  test('does not miss them in a prebuild, which has none of the user, but right after', async () => {
    const home = scratchHome();
    for (const phase of ['onCreate', 'updateContent']) {
      const finished = await strict(['hook', phase], { home, env: PREBUILD });
      expect(finished).toMatchObject({ status: 0, stderr: '' });
    }
    expect(await strict(['status'], { home, env: PREBUILD })).toMatchObject({ status: 0 });
    expect(await strict(['apply'], { home, env: PREBUILD })).toMatchObject({ status: 0 });
    const still = 'registry-auth: 1 problem was shown by an earlier hook\n';
    for (const [phase, told] of [
      ['postCreate', `registry-auth: ${MESSAGE}`],
      ['postStart', still],
    ] as const) {
      const finished = await strict(['hook', phase], { home, env: CODESPACE });
      expect(finished).toMatchObject({ status: 1, stderr: `${told}${MORE}` });
    }
  });
});

describe('where ACME is missing', () => {
  /** A codespace that is no prebuild. */
  const env = { ...CODESPACE, ACTION_NAME: 'create' };
  const problem = (id: string) => ({
    code: 'TRIPLE_EXPECTED',
    subject: id,
    what: 'is required by this repository, but none of its three variables is set here',
    fix: expect.stringMatching(/^set its three secrets.*github\.com\/settings\/codespaces/),
    commands: ['SERVER', 'USER', 'PASSWORD'].map(
      (part) => `gh secret set ${id}_CONTAINER_REGISTRY_${part} ${FLAGS}`,
    ),
  });

  test.each(['apply', 'status'])('%s says so, and has status 1', async (command) => {
    const finished = await cli([command], { home: scratchHome(), env });
    expect(finished).toMatchObject({ status: 1, stderr: MESSAGE });
  });

  test.each(['apply', 'status'])('%s --json has its commands apart', async (command) => {
    const two = install({ expect: ['ACME', 'OTHER'] });
    const { status, stdout } = await two([command, '--json'], { home: scratchHome(), env });
    expect([status, JSON.parse(stdout).problems]).toEqual([1, [problem('ACME'), problem('OTHER')]]);
  });

  test('status says so of a config.json that cannot be read, too', async () => {
    const home = scratchHome({ [CONFIG]: '[]' });
    const { status, stderr } = await cli(['status'], { home, env });
    expect([status, stderr]).toEqual([1, expect.stringContaining(MESSAGE)]);
    expect(stderr).toContain('[CONFIG_SHAPE]');
  });
});

test('status misses nothing in a shell without the secrets of an entry that is written', async () => {
  const home = scratchHome();
  await cli(['hook', 'postStart'], { home, env: ACME });
  expect(await cli(['status'], { home })).toMatchObject({ status: 0, stderr: '' });
  await cli(['apply', '--prune', 'ACME'], { home });
  const { status, stderr } = await cli(['status'], { home });
  expect([status, stderr]).toEqual([1, expect.stringContaining('[TRIPLE_EXPECTED]')]);
});
