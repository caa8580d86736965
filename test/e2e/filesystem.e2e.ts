import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { LIB } from '../support/built.ts';
import type { Finished } from '../support/run.ts';
import { expectNoSecret } from '../support/secrets.ts';
import { passwordsOf, triple } from '../support/triples.ts';
import { docker, dockerOrThrow, runLabel } from './support/engine.ts';
import { readyState } from './support/state.ts';

const state = readyState();
const VOLUME = `${state.run}-read-only`;
const APPLY = 'node /opt/registry-auth/registry-auth.cjs apply';
const SETTINGS = triple('ACME', 'registry.example.com', 'robot', 'canary-password');

type Case = {
  readonly name: string;
  readonly folder: string;
  /** Shell, by root, before the user's `apply`. */
  readonly prepare: string;
  readonly code: string;
};

// A file on the read-only mount is written through the volume's other, writable mount.
const cases: Case[] = [
  {
    name: 'a read-only file system, with a file',
    folder: '/mnt/read-only/with-file',
    prepare: `mkdir /mnt/writable/with-file && echo '{"auths":{}}' >/mnt/writable/with-file/config.json && chown -R dev: /mnt/writable/with-file`,
    code: 'CONFIG_NOT_WRITABLE',
  },
  {
    name: 'a read-only file system, without the directory',
    folder: '/mnt/read-only/absent',
    prepare: 'true',
    code: 'CONFIG_NOT_WRITABLE',
  },
  {
    name: 'a full file system',
    folder: '/mnt/full',
    prepare: `chown dev: /mnt/full && echo '{"auths":{}}' >/mnt/full/config.json && chown dev: /mnt/full/config.json && ! cat /dev/zero 2>/dev/null >/mnt/full/filler`,
    code: 'CONFIG_NOT_WRITABLE',
  },
  {
    name: "a directory of another user's that can't be read",
    folder: '/srv/private',
    prepare: `mkdir -m 0700 /srv/private && echo '{"auths":{}}' >/srv/private/config.json`,
    code: 'CONFIG_NOT_READABLE',
  },
  {
    name: "a file of another user's that can't be read, in a directory that can be written",
    folder: '/srv/shared',
    prepare: `mkdir /srv/shared && chown dev: /srv/shared && install -m 0600 /dev/null /srv/shared/config.json && echo '{"auths":{}}' >/srv/shared/config.json`,
    code: 'CONFIG_NOT_READABLE',
  },
  {
    name: "a directory of another user's that can be read and not written",
    folder: '/srv/readable',
    prepare: `mkdir -m 0755 /srv/readable && echo '{"auths":{}}' >/srv/readable/config.json`,
    code: 'CONFIG_NOT_WRITABLE',
  },
];

describe.each(cases)('on $name', ({ folder, prepare, code }) => {
  const apply = (args = '') => asUser(`DOCKER_CONFIG=${folder} ${APPLY} ${args}`);
  const look = () => inContainer(`ls -lAi --time-style=full-iso ${folder}; cat ${folder}/*`);
  let before: Finished;
  beforeAll(async () => {
    expect(await inContainer(prepare)).toMatchObject({ status: 0 });
    before = await look();
  });

  test('apply says what is wrong and how to put it right', async () => {
    const { status, stdout, stderr } = await apply();
    expect({ status, stdout: stdout + stderr }).toEqual({
      status: 1,
      stdout: expect.stringMatching(/^\S.*: \S.*\n\s*fix: \S.*$/m),
    });
    expect(stdout + stderr).not.toMatch(/\bat .*:\d+:\d+/);
    expectNoSecret(stdout + stderr, passwordsOf(SETTINGS));
  });

  test(`apply --json gives the code ${code}`, async () => {
    const { status, stdout } = await apply('--json');
    expect({ status, codes: findCodes(JSON.parse(stdout)) }).toEqual({ status: 1, codes: [code] });
  });

  test('everything there stays as it was', async () => {
    await apply();
    expect(await look()).toEqual(before);
  });
});

let container = '';

beforeAll(async () => {
  const lib = `${LIB}:/opt/registry-auth:ro`;
  const volumes = [lib, `${VOLUME}:/mnt/writable`, `${VOLUME}:/mnt/read-only:ro`];
  const { stdout } = await dockerOrThrow(state, [
    ...['run', '--detach', '--network', 'none', '--label', runLabel(state)],
    ...volumes.flatMap((volume) => ['--volume', volume]),
    // One page: the file fills it. Nobody writes where everybody may.
    ...['--tmpfs', '/mnt/full:size=4k,mode=755'],
    ...[state.images.node, 'sleep', 'infinity'],
  ]);
  container = stdout.trim();
});

afterAll(async () => {
  await docker(state, ['rm', '-fv', container]);
  await docker(state, ['volume', 'rm', VOLUME]);
});

function inContainer(command: string): Promise<Finished> {
  return docker(state, ['exec', container, 'sh', '-c', command]);
}

function asUser(command: string): Promise<Finished> {
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => [
    '--env',
    `${name}=${value}`,
  ]);
  return docker(state, ['exec', '--user', 'dev', ...settings, container, 'sh', '-c', command]);
}

/** The codes anywhere in a JSON document; its shape is another test's business. */
function findCodes(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'code' ? [String(inner)] : findCodes(inner),
  );
}
