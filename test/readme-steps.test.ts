import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'dotenv';
import { install } from './process/support/installed.ts';
import { writeProgram } from './support/built.ts';
import { CANARY, scratchHome } from './support/process.ts';
import { run } from './support/run.ts';

const README = readFileSync('README.md', 'utf8');

const blocksOf = (language: string) =>
  [...README.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].flatMap(([, name, text = '']) =>
    name === language ? [text] : [],
  );
const [SECRETS = '', CONTRIBUTE = ''] = blocksOf('sh');
const [FIRST_LOG = '', FIRST_PROBLEM = ''] = blocksOf('text');

/** What a codespace has of its own; the action is one that is no prebuild. */
const CODESPACE = {
  CODESPACES: 'true',
  ACTION_NAME: 'create',
  GITHUB_USER: 'octocat',
  GITHUB_TOKEN: CANARY,
};

test('README has a line for devcontainer.json that installs this major version', () => {
  const [snippet = ''] = blocksOf('jsonc');
  const { id, version } = JSON.parse(readFileSync('devcontainer-feature.json', 'utf8'));
  const name = `ghcr.io/OWNER/REPOSITORY/${id}:${version.split('.')[0]}`;
  expect(JSON.parse(snippet)).toEqual({ features: { [name]: {} } });
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

describe("README's three steps", () => {
  test('hand three secrets to gh as they stand there', async () => {
    const { words, secrets } = await typeSecrets(SECRETS);
    expect(words).toBe('secret set -f - --app codespaces');
    expect(secrets).toEqual({
      ACME_CONTAINER_REGISTRY_SERVER: 'docker.io',
      ACME_CONTAINER_REGISTRY_USER: 'YOUR-NAME',
      ACME_CONTAINER_REGISTRY_PASSWORD: 'YOUR-TOKEN',
    });
  });

  test('keep a password that a shell could read otherwise', async () => {
    const password = 'a$HOME`id`"b"\\n #!';
    const { secrets } = await typeSecrets(SECRETS.replace('YOUR-TOKEN', () => password));
    expect(secrets.ACME_CONTAINER_REGISTRY_PASSWORD).toBe(password);
  });

  test.each(['onCreate', 'updateContent', 'postCreate', 'postStart'])(
    'show what the %s hook prints then',
    async (phase) => {
      const { secrets } = await typeSecrets(SECRETS.replaceAll('YOUR-', 'REAL-'));
      const env = { ...CODESPACE, ...secrets };
      const finished = await install()(['hook', phase], { home: scratchHome(), env });
      expect(finished).toEqual({ status: 0, stdout: FIRST_LOG, stderr: '' });
    },
  );

  test('show how status names a secret that is missing', async () => {
    const { secrets } = await typeSecrets(
      SECRETS.replaceAll('YOUR-', 'REAL-').replace(/^.*_PASSWORD=.*\n/m, ''),
    );
    const cli = install();
    const env = { ...CODESPACE, ...secrets };
    await cli(['hook', 'postStart'], { env });
    const { status, stderr } = await cli(['status'], { env });
    expect([status, stderr]).toEqual([1, FIRST_PROBLEM]);
  });
});

/** Types a command of README in a shell whose gh tells what it was given. */
async function typeSecrets(command: string) {
  const home = scratchHome();
  writeProgram(join(home, 'bin/gh'), '#!/bin/sh\necho "$*"\ncat\n');
  const env = { PATH: `${join(home, 'bin')}:${process.env.PATH}` };
  const { stdout } = await run('sh', ['-euc', command], { home, env });
  const [words = '', ...lines] = stdout.split('\n');
  return { words, secrets: parse(lines.join('\n')) };
}
