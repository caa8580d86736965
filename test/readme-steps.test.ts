import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { install } from './process/support/installed.ts';
import { writeProgram } from './support/built.ts';
import { parseJsonc } from './support/markdown.ts';
import { CANARY, scratchHome } from './support/process.ts';
import { run } from './support/run.ts';

const README = readFileSync('README.md', 'utf8');
const MANIFEST = JSON.parse(readFileSync('devcontainer-feature.json', 'utf8'));

const blocksOf = (language: string) =>
  [...README.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, name, text = '']) =>
    name === language ? [text] : [],
  );
const [SECRETS = '', CONTRIBUTE = ''] = blocksOf('sh');
const [FIRST_LOG = ''] = blocksOf('text');
const [ENV_FILE = ''] = blocksOf('dotenv');
const [CODESPACES, LOCAL] = blocksOf('jsonc').map(parseJsonc) as [Configuration, object];

type Configuration = { readonly features: object; readonly secrets: object };

/** Our name in devcontainer.json, with the version that gets fixes and no other change. */
const [MAJOR, MINOR] = MANIFEST.version.split('.');
const FEATURE = `ghcr.io/OWNER/REPOSITORY/${MANIFEST.id}:${MAJOR}.${MINOR}`;

/** What is typed where gh asks for a value, and does not show it. */
const TYPED = 'a$HOME`id`"b"\\n #!';

/** What a codespace has of its own; the action is one that is no prebuild. */
const CODESPACE = {
  CODESPACES: 'true',
  ACTION_NAME: 'create',
  GITHUB_USER: 'octocat',
  GITHUB_TOKEN: CANARY,
};

test('README is short enough to read', () => {
  expect(README.trimEnd().split('\n').length).toBeLessThanOrEqual(120);
});

test('README has a devcontainer.json that installs this minor version and asks for the secrets', async () => {
  expect(CODESPACES.features).toMatchObject({ [FEATURE]: {} });
  const { secrets } = await typeSecrets(SECRETS);
  expect(Object.keys(CODESPACES.secrets)).toEqual(Object.keys(secrets));
});

test('README has every option, with its default', () => {
  const [, table = ''] = README.split('| default | does |\n|---|---|---|\n');
  const cells = (table.split('\n\n')[0] ?? '').split('\n').map((row) => row.split('|').slice(1, 3));
  const told = cells.flatMap(([names = '', values = '']) => {
    const defaults = values.split(', ').map((value) => value.replace(/[`\s]/g, ''));
    return names
      .split(', ')
      .map((name, index) => [
        name.replace(/[`\s]/g, ''),
        (defaults[index] ?? defaults[0] ?? '').replace('none', ''),
      ]);
  });
  const options = Object.entries<{ default: unknown }>(MANIFEST.options).map(([name, option]) => [
    name,
    String(option.default).replace(/^https:\/\/([^/]*).*/, '$1'),
  ]);
  expect(told.sort()).toEqual(options.sort());
});

test('README gives contributors the two commands that CI runs', () => {
  expect(CONTRIBUTE).toBe('npm ci && npm run demo\nnpm ci && npm test\n');
});

test("README's demo runs to its end and finds all as it should be", async () => {
  const demo = await run(process.execPath, ['scripts/run.js', 'test/demo/demo.ts']);
  expect(demo).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('All as it should be.'),
  });
}, 60_000);

describe("README's three steps in Codespaces", () => {
  test('hand three secrets to gh, and the password at its prompt', async () => {
    const { calls, secrets } = await typeSecrets(SECRETS);
    expect(calls.map(({ words }) => words.filter((word) => word.startsWith('--')))).toEqual([
      ['--app', '--body'],
      ['--app', '--body'],
      ['--app'],
    ]);
    expect(secrets).toEqual({
      ACME_CONTAINER_REGISTRY_SERVER: 'docker.io',
      ACME_CONTAINER_REGISTRY_USER: 'YOUR-NAME',
      ACME_CONTAINER_REGISTRY_PASSWORD: TYPED,
    });
  });

  test.each(['onCreate', 'updateContent', 'postCreate', 'postStart'])(
    'show what the %s hook prints then',
    async (phase) => {
      const { secrets } = await typeSecrets(SECRETS.replaceAll('YOUR-', 'REAL-'));
      const env = { ...CODESPACE, ...secrets, ACME_CONTAINER_REGISTRY_PASSWORD: CANARY };
      const finished = await install()(['hook', phase], { home: scratchHome(), env });
      expect(finished).toEqual({ status: 0, stdout: FIRST_LOG, stderr: '' });
    },
  );
});

test("README's three steps elsewhere log in with the env file", async () => {
  const [[feature, options] = []] = Object.entries<{ envFiles: string }>(Object(LOCAL));
  expect([feature, ENV_FILE.startsWith(`# ${options?.envFiles}\n`)]).toEqual([FEATURE, true]);
  const cwd = scratchHome({ [`${options?.envFiles}`]: ENV_FILE.replaceAll('YOUR-', 'REAL-') });
  const cli = install({ envFiles: [options?.envFiles] });
  const finished = await cli(['hook', 'onCreate'], { home: scratchHome(), cwd });
  const stdout = 'registry-auth: 1 registry ready: ACME (docker-hub)\n';
  expect(finished).toEqual({ status: 0, stdout, stderr: '' });
});

/** Types a command of README in a shell whose gh tells what it was given, one line for each call. */
async function typeSecrets(command: string) {
  const home = scratchHome();
  const gh = `#!/bin/sh
printf '%s\\t' "$@"
case $* in *--body*) ;; *) cat ;; esac
echo
`;
  writeProgram(join(home, 'bin/gh'), gh);
  const env = { PATH: `${join(home, 'bin')}:${process.env.PATH}` };
  const { stdout } = await run('sh', ['-euc', command], { home, env, input: TYPED });
  const lines = stdout.trimEnd().split('\n');
  const calls = lines.map((line) => {
    const words = line.replace(/\t$/, '').split('\t');
    return { words, name: words[2] ?? '', value: words.at(-1) ?? '' };
  });
  return { calls, secrets: Object.fromEntries(calls.map(({ name, value }) => [name, value])) };
}
