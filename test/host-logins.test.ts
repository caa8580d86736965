import { lstatSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest } from '@jest/globals';
import { parse } from 'dotenv';
import { installWrappers, writeProgram } from './support/built.ts';
import { readPages } from './support/markdown.ts';
import { testWith } from './support/needs.ts';
import { scratchHome } from './support/process.ts';
import { run, runOrThrow, whyNot } from './support/run.ts';
import { configWith, triples } from './support/triples.ts';

// A dozen processes in one test, on a machine that may be busy.
jest.setTimeout(30_000);

// The script of docs/host-logins.md, which copies logins of the host.
const NEEDS = [{ missing: whyNot('jq', ['--version']) }, { missing: whyNot('git', ['--version']) }];
const SCRIPT = readPages()
  .find(({ path }) => path === 'docs/host-logins.md')
  ?.blocks.find(({ text }) => text.startsWith('#!/bin/sh'))?.text;
const FILE = '.devcontainer/host-logins.env';

/** A home with logins of every kind, and a repository in it. */
async function makeHost(ignored: string): Promise<string> {
  const config = JSON.parse(
    configWith({
      'file.example': ['ada', 'of: the file'],
      'quote.example': ['ada', "it's"],
      'https://index.docker.io/v1/': ['hub', 'of Docker Hub'],
    }),
  );
  // As \`az acr login\` leaves one where no store is set.
  config.auths['token.example'] = { auth: 'MDAwMDo=', identitytoken: 'of the file' };
  const home = scratchHome({
    '.docker/config.json': JSON.stringify({
      ...config,
      credHelpers: { 'helped.example': 'test', 'azure.example': 'test', 'none.example': 'test' },
    }),
    '.devcontainer/host-logins.sh': SCRIPT ?? '',
    '.devcontainer/.gitignore': ignored,
  });
  const helper = `#!/bin/sh
server=$(cat)
case $server in
helped.example) echo '{"ServerURL":"","Username":"robot$team","Secret":"of the helper"}' ;;
azure.example) echo '{"ServerURL":"","Username":"<token>","Secret":"identity"}' ;;
*) echo 'credentials not found in native keychain' && exit 1 ;;
esac
`;
  writeProgram(join(home, 'bin/docker-credential-test'), helper);
  await runOrThrow('git', ['init', '-q', home]);
  return home;
}

function handIn(home: string, ...servers: string[]) {
  const PATH = `${join(home, 'bin')}:${process.env.PATH}`;
  const words = [join(home, '.devcontainer/host-logins.sh'), ...servers];
  return run('sh', words, { home, env: { PATH } });
}

testWith(NEEDS, "the host's logins arrive as triples, in a file of one's own", async () => {
  const home = await makeHost('host-logins.env\n');
  // What a repository brings must not decide where secrets go.
  symlinkSync(join(home, 'elsewhere'), join(home, FILE));
  const named = ['file', 'token', 'helped', 'azure', 'quote', 'none', 'unknown'];
  const servers = named.map((name) => `${name}.example`);
  expect(await handIn(home, ...servers, 'docker.io')).toEqual({
    status: 0,
    stdout: '',
    stderr: '',
  });
  const { mode } = lstatSync(join(home, FILE));
  expect([(mode & 0o777).toString(8), lstatSync(join(home, FILE)).isFile()]).toEqual(['600', true]);
  expect(parse(readFileSync(join(home, FILE)))).toEqual(
    triples({
      HOST_FILE_EXAMPLE: ['file.example', 'ada', 'of: the file'],
      HOST_TOKEN_EXAMPLE: ['token.example', '<token>', 'of the file'],
      HOST_HELPED_EXAMPLE: ['helped.example', 'robot$team', 'of the helper'],
      HOST_AZURE_EXAMPLE: ['azure.example', '<token>', 'identity'],
      HOST_DOCKER_IO: ['docker.io', 'hub', 'of Docker Hub'],
    }),
  );
});

testWith(NEEDS, 'which our command takes without a word', async () => {
  const home = await makeHost('host-logins.env\n');
  await handIn(home, 'helped.example');
  const env = { PATH: installWrappers(scratchHome()), DOCKER_CONFIG: scratchHome() };
  const words = ['apply', '--env-file', join(home, FILE)];
  const { status, stdout, stderr } = await run('registry-auth', words, { env });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/HOST_HELPED_EXAMPLE {2}other {7}helped\.example {2}written/);
});

testWith(NEEDS, 'an identity token becomes one in the container', async () => {
  const home = await makeHost('host-logins.env\n');
  await handIn(home, 'azure.example');
  const DOCKER_CONFIG = scratchHome();
  const env = { PATH: installWrappers(scratchHome()), DOCKER_CONFIG };
  await run('registry-auth', ['apply', '--env-file', join(home, FILE)], { env });
  const { auths } = JSON.parse(readFileSync(join(DOCKER_CONFIG, 'config.json'), 'utf8'));
  expect(auths['azure.example']).toMatchObject({ identitytoken: 'identity' });
});

testWith(NEEDS, 'and nothing is written that git would add', async () => {
  const home = await makeHost('');
  writeFileSync(join(home, FILE), 'as it was');
  const { status, stderr } = await handIn(home, 'file.example');
  expect([status, readFileSync(join(home, FILE), 'utf8')]).toEqual([1, 'as it was']);
  expect(stderr).toContain('.gitignore');
});
