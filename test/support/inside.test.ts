import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { installWrappers } from './built.ts';
import { makeRuntime } from './memory.ts';
import { type BundleName, CANARY, callBundle, runBundle, scratchHome } from './process.ts';
import { configWith, triple } from './triples.ts';

/** What the tests that have no process for each call rest on: it makes no difference. */
const PATH = installWrappers(scratchHome());
const ENV = { PATH, ...triple('ACME', 'acme.example', 'ada', CANARY) };
const CONFIG = '.docker/config.json';

const CALLS: readonly (readonly [words: string, input?: string, env?: Record<string, string>])[] = [
  ['registry-auth apply'],
  ['registry-auth apply --json'],
  ['registry-auth apply --env-file team.env'],
  ['registry-auth apply --credentials helper'],
  ['registry-auth hook postStart'],
  ['registry-auth status'],
  ['registry-auth check'],
  ['registry-auth export kubernetes --force'],
  ['registry-auth logout'],
  ['registry-auth statsu'],
  ['registry-auth --version'],
  ['registry-auth apply', '', { DOCKER_CONFIG: 'relative' }],
  ['registry-auth apply', '', triple('BAD', 'a b', 'ada', CANARY)],
  ['docker-credential-registry-auth get', 'acme.example'],
  ['docker-credential-registry-auth get', 'https://nobody.example'],
  ['docker-credential-registry-auth get', 'x'.repeat(70_000)],
  [
    'docker-credential-registry-auth get',
    'made.example',
    {
      ...triple('MADE', 'made.example', 'ada', ''),
      MADE_CONTAINER_REGISTRY_PASSWORD_COMMAND: 'echo é; pwd >&2',
    },
  ],
  ['docker-credential-registry-auth store', '{"ServerURL":"r.io","Username":"bob","Secret":"é"}'],
  ['docker-credential-registry-auth dance'],
];

describe('a call says and leaves the same with and without a process of its own:', () => {
  test.each(CALLS)('%#, %s', async (words, input = '', more = {}) => {
    const [program, ...args] = words.split(' ') as [BundleName, ...string[]];
    const [inside, alone] = [callBundle, runBundle].map(async (call) => {
      const home = scratchHome({
        [CONFIG]: configWith({ 'theirs.io': ['bob', 'x'] }),
        'work/team.env': "TEAM_CONTAINER_REGISTRY_SERVER='quay.io'\n",
      });
      const env = { ...ENV, XDG_RUNTIME_DIR: makeRuntime(), ...more };
      const options = { home, cwd: join(home, 'work'), input, env };
      const { status, stdout, stderr } = await call(program, args, options);
      const config = readFileSync(join(home, CONFIG), 'utf8');
      const { mode } = statSync(join(home, CONFIG));
      return { status, mode, all: [stdout, stderr, config].join('\n').replaceAll(home, 'HOME') };
    });
    expect(await inside).toEqual(await alone);
  });
});

test('a call leaves folder and mask of new files as they were', async () => {
  const before = [process.cwd(), process.umask(), process.exitCode];
  const home = scratchHome();
  await callBundle('registry-auth', ['nothing'], { home, cwd: home, env: ENV });
  expect([process.cwd(), process.umask(), process.exitCode]).toEqual(before);
});

test('one that needs a process of its own gets it', async () => {
  const env = { ...ENV, NODE_OPTIONS: '--no-such-option' };
  const { status } = await callBundle('registry-auth', ['status'], { home: scratchHome(), env });
  expect(status).toBe(9);
});
