import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { CANARY, scratchHome } from '../support/process.ts';
import { triple } from '../support/triples.ts';
import { appliedHome, CONFIG, GOOD, logInByHand, newCli } from './support/cli.ts';

const cli = newCli();

const HUB = triple('HUB', 'docker.io', 'ada', CANARY);
const BAD = { BAD_CONTAINER_REGISTRY_SERVER: 'bad.example', BAD_CONTAINER_REGISTRY_USER: 'ada' };

const PROBLEM = {
  id: 'BAD',
  code: 'TRIPLE_INCOMPLETE',
  subject: 'BAD_CONTAINER_REGISTRY_PASSWORD',
  what: expect.stringContaining('missing'),
  fix: expect.stringContaining('set it'),
};

const good = (outcome: string) => ({
  id: 'GOOD',
  provider: 'other',
  source: 'environment',
  ready: true,
  expiresAt: null,
  keys: [{ key: 'good.example', outcome }],
});

/** Runs with --json: the whole output is one document, and all of it is on stdout. */
async function runJson(home: string, words: string, env: Record<string, string> = {}) {
  const { status, stdout, stderr } = await cli([...words.split(' '), '--json'], { home, env });
  expect([stderr, stdout.at(-1)]).toEqual(['', '\n']);
  const { product, options, host, ...document } = JSON.parse(stdout);
  expect(product).toEqual(PRODUCT);
  return { status, document, options, host };
}

const { version } = JSON.parse(readFileSync('devcontainer-feature.json', 'utf8'));
const PRODUCT = { version, node: process.versions.node };

const EMPTY = {
  version: 1,
  config: '~/.docker/config.json',
  mode: 'file',
  dryRun: false,
  changed: false,
  registries: [],
  problems: [],
  notices: [],
};

describe('apply --json', () => {
  test('with nothing to do', async () => {
    expect(await runJson(scratchHome(), 'apply')).toEqual({ status: 0, document: EMPTY });
  });

  test('with a good triple, a bad one, and Docker Hub', async () => {
    const home = scratchHome();
    const registries = [
      good('written'),
      {
        id: 'HUB',
        provider: 'docker-hub',
        source: 'environment',
        ready: true,
        expiresAt: null,
        keys: [
          { key: 'https://index.docker.io/v1/', outcome: 'written' },
          { key: 'docker.io', outcome: 'written' },
        ],
      },
    ];
    expect(await runJson(home, 'apply', { ...GOOD, ...HUB, ...BAD })).toEqual({
      status: 1,
      document: { ...EMPTY, changed: true, registries, problems: [PROBLEM] },
    });
  });

  test('with --credentials helper', async () => {
    const document = { ...EMPTY, mode: 'helper', changed: true, registries: [good('written')] };
    const finished = await runJson(scratchHome(), 'apply --credentials helper', GOOD);
    expect(finished).toEqual({ status: 0, document });
  });

  test('of a second run', async () => {
    const home = await appliedHome(cli, GOOD);
    const document = { ...EMPTY, registries: [good('unchanged')] };
    expect(await runJson(home, 'apply', GOOD)).toEqual({ status: 0, document });
  });

  test('of a dry run', async () => {
    const document = { ...EMPTY, dryRun: true, changed: true, registries: [good('written')] };
    expect(await runJson(scratchHome(), 'apply --dry-run', GOOD)).toEqual({ status: 0, document });
  });

  test('of a login by hand since', async () => {
    const home = await appliedHome(cli, GOOD);
    logInByHand(home, 'good.example', 'bob', 'by-hand');
    const { status, document } = await runJson(home, 'apply', GOOD);
    expect(status).toBe(0);
    expect(document).toMatchObject({
      registries: [{ ...good('kept'), ready: false }],
      problems: [],
      notices: [{ code: 'LOGIN_KEPT', subject: 'GOOD' }],
    });
  });

  test('of a config.json that cannot be used', async () => {
    const home = scratchHome({ [CONFIG]: '[]' });
    const problem = {
      code: 'CONFIG_SHAPE',
      subject: '~/.docker/config.json',
      what: 'is not a JSON object (line 1, column 1); left unchanged',
      fix: 'repair or move the file, then run registry-auth apply',
    };
    expect(await runJson(home, 'apply', GOOD)).toEqual({
      status: 1,
      document: { ...EMPTY, problems: [problem] },
    });
  });

  test('of a secret that is gone, with --prune', async () => {
    const home = await appliedHome(cli, GOOD);
    const gone = {
      ...good('removed'),
      source: null,
      ready: false,
    };
    expect(await runJson(home, 'apply --prune GOOD')).toEqual({
      status: 0,
      document: { ...EMPTY, changed: true, registries: [gone] },
    });
  });
});

describe('status --json', () => {
  const none = {
    version: 1,
    config: '~/.docker/config.json',
    credsStore: null,
    keys: [],
    problems: [],
    notices: [],
  };
  const key = (state: string, source: string | null = 'environment') => ({
    key: 'good.example',
    id: 'GOOD',
    ids: ['GOOD'],
    provider: 'other',
    source,
    state,
    expiresAt: null,
  });

  test('with nothing there', async () => {
    expect(await runJson(scratchHome(), 'status')).toMatchObject({ status: 0, document: none });
  });

  test('before and after apply, and in a shell without the secrets', async () => {
    const problem = {
      code: 'NOT_WRITTEN',
      subject: 'GOOD',
      what: 'nothing is written for it, so no client finds it',
      fix: 'run registry-auth apply',
    };
    const missing = { ...none, keys: [key('missing')], problems: [problem] };
    expect(await runJson(scratchHome(), 'status', GOOD)).toMatchObject({
      status: 1,
      document: missing,
    });
    const home = await appliedHome(cli, GOOD);
    const file = { ...none, keys: [key('file')] };
    expect(await runJson(home, 'status', GOOD)).toMatchObject({ status: 0, document: file });
    const elsewhere = { ...none, keys: [key('file', null)] };
    expect(await runJson(home, 'status')).toMatchObject({ status: 0, document: elsewhere });
  });

  test('with a credsStore and a bad triple', async () => {
    const home = await appliedHome(cli, GOOD, { [CONFIG]: '{"credsStore":"desktop"}' });
    const { status, document } = await runJson(home, 'status', { ...GOOD, ...BAD });
    const problems = [PROBLEM, expect.objectContaining({ code: 'CREDS_STORE_FAILS' })];
    const expected = { ...none, credsStore: 'desktop', keys: [key('helper')], problems };
    expect([status, document]).toEqual([1, expected]);
  });
});

describe('logout --json', () => {
  test('of what was written, and of what nobody knows', async () => {
    const home = await appliedHome(cli, GOOD);
    const registry = { ...good('removed'), source: null, ready: false };
    const problem = {
      code: 'NOTHING_TO_LOG_OUT',
      subject: 'nobody',
      what: 'is not an ID or host that registry-auth wrote an entry for',
      fix: 'run registry-auth status to see what there is',
    };
    expect(await runJson(home, 'logout GOOD nobody', GOOD)).toEqual({
      status: 1,
      document: { ...EMPTY, changed: true, registries: [registry], problems: [problem] },
    });
  });
});
