import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { LIB } from '../support/built.ts';
import { GUEST, TEAM, tripleOf } from '../support/ecr-stand-in-identities.ts';
import { testInMemory } from '../support/memory.ts';
import { expectNoSecret, scratchHome } from '../support/process.ts';
import { runNode } from '../support/run.ts';
import { entry, triple } from '../support/triples.ts';
import { othersIn } from './support/cli.ts';
import {
  APP,
  HOST,
  KEYS,
  makeSceneInside as makeScene,
  OTHER_HOST,
  type Scene,
  SESSION,
} from './support/ecr-scene.ts';

const CONFIG = '.docker/config.json';
const DEAD_TOKEN = Buffer.from('{"expiration":1700000000}').toString('base64');

function readConfig({ home }: Scene) {
  return JSON.parse(readFileSync(join(home, CONFIG), 'utf8'));
}

/** Everything that was said and written, except the tokens in config.json. */
function expectNothingTold({ home, runtime, standIn }: Scene, said: string): void {
  const tokens = standIn.tokens.map(({ token }) => ({ user: 'AWS', password: token }));
  expectNoSecret(said, [...KEYS, ...tokens]);
  expectNoSecret({ folder: home }, KEYS);
  expectNoSecret({ folder: home }, tokens, { allow: [CONFIG] });
  expectNoSecret({ folder: runtime }, KEYS);
}

describe('apply', () => {
  test('exchanges the keys of each account and writes its token and our helper', async () => {
    const scene = await makeScene();
    const { status, stdout, stderr } = await scene.cli(['apply'], { ...APP, ...SESSION });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const tokenOf = (owner: string) =>
      scene.standIn.tokens.find(({ account }) => account === owner)?.token ?? '';
    expect(othersIn(scene.home)).toEqual({
      auths: {
        [HOST]: entry('AWS', tokenOf(TEAM.account)),
        [OTHER_HOST]: entry('AWS', tokenOf(GUEST.account)),
      },
      credHelpers: { [HOST]: 'registry-auth', [OTHER_HOST]: 'registry-auth' },
    });
    expectNothingTold(scene, stdout);
  });

  test('stores the token under the host that the user named, whatever its form', async () => {
    const hosts = [
      '123456789012.dkr.ecr-fips.us-east-1.amazonaws.com',
      '123456789012.dkr-ecr.us-east-1.on.aws',
      'public.ecr.aws',
    ];
    const scene = await makeScene();
    const all = hosts.map((host, index) => tripleOf(`ID${index}`, `https://${host}/team`, TEAM));
    await scene.cli(['apply'], Object.assign({}, ...all));
    expect(Object.keys(readConfig(scene).auths)).toEqual(hosts);
    expect(scene.standIn.exchanges).toBe(3);
  });

  test('takes keys with white space around them, and says so', async () => {
    const scene = await makeScene();
    const pasted = triple('APP', HOST, ` ${TEAM.accessKeyId}\n`, ` ${TEAM.secretAccessKey} \r\n`);
    const { status, stderr } = await scene.cli(['apply'], pasted);
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: [
        'APP_CONTAINER_REGISTRY_USER: has white space or quotes around it; used without them [VALUE_TRIMMED]\n',
        'APP_CONTAINER_REGISTRY_PASSWORD: ends with a line break; used without it [VALUE_TRIMMED]\n',
      ].join(''),
    });
    expect(scene.standIn.exchanges).toBe(1);
  });

  test('gets a token although the clock is 20 minutes off', async () => {
    const scene = await makeScene();
    scene.standIn.clockOffsetMs = 20 * 60_000;
    expect(await scene.cli(['apply'], APP)).toMatchObject({ status: 0, stderr: '' });
    expect(scene.standIn.exchanges).toBe(1);
  });
});

describe("AWS settings of the user's own", () => {
  const inEnvironment = {
    AWS_ACCESS_KEY_ID: GUEST.accessKeyId,
    AWS_SECRET_ACCESS_KEY: GUEST.secretAccessKey,
    AWS_SESSION_TOKEN: GUEST.sessionToken,
    AWS_REGION: 'eu-west-1',
  };
  const files = {
    '.aws/credentials': `[default]\naws_access_key_id = ${GUEST.accessKeyId}\naws_secret_access_key = ${GUEST.secretAccessKey}\n`,
    '.aws/config': '[profile work]\nregion = eu-west-1\nsource_profile = default\n',
  };

  test.each([
    { name: 'keys in the environment', env: inEnvironment },
    { name: 'a profile', env: { AWS_PROFILE: 'work' } },
    { name: 'a profile that is not there', env: { AWS_PROFILE: 'missing' } },
  ])('are never used for a triple: $name', async ({ env }) => {
    const scene = await makeScene(files);
    const metadata = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${scene.standIn.url}/keys` };
    await scene.cli(['apply'], { ...APP, ...env, ...metadata });
    const wrong = { APP_CONTAINER_REGISTRY_PASSWORD: "nobody's secret" };
    await scene.cli(['apply'], { ...APP, ...env, ...metadata, ...wrong });
    const asked = scene.standIn.requests.map(({ account, outcome }) => [account, outcome]);
    expect(asked).toEqual([
      [TEAM.account, 'ok'],
      [undefined, 'InvalidSignatureException'],
    ]);
  });
});

describe('a cached token', () => {
  const tokensIn = ({ cache }: Scene) =>
    existsSync(cache) ? readdirSync(cache).filter((name) => name.endsWith('.json')).length : 0;
  const both = { ...APP, ...SESSION };
  async function appliedScene(...words: string[]): Promise<Scene> {
    const scene = await makeScene();
    await scene.cli(['apply', ...words], both);
    for (const host of [HOST, OTHER_HOST]) await scene.ask('get', host, both);
    expect(tokensIn(scene)).toBe(2);
    return scene;
  }

  describe.each([{ words: [] }, { words: ['--credentials', 'helper'] }])(
    'after apply $words',
    ({ words }) => {
      testInMemory('goes when its secret has gone', async () => {
        const scene = await appliedScene(...words);
        await scene.cli(['apply', '--prune', OTHER_HOST, ...words], APP);
        expect(tokensIn(scene)).toBe(1);
        expect(await scene.ask('get', OTHER_HOST)).toMatchObject({ status: 1 });
        expect(await scene.ask('get', HOST)).toMatchObject({ status: 0 });
      });

      testInMemory('goes when its secret has changed', async () => {
        const scene = await appliedScene(...words);
        const before = readdirSync(scene.cache).sort();
        const { accessKeyId } = TEAM;
        await scene.cli(['hook', 'postStart'], {
          ...SESSION,
          CODESPACES: 'true',
          ...triple('APP', HOST, accessKeyId, 'another secret'),
        });
        const after = readdirSync(scene.cache).filter((name) => name.endsWith('.json'));
        expect(before).toEqual(expect.arrayContaining(after));
        expect(tokensIn(scene)).toBe(1);
      });

      testInMemory('stays when apply sees only some of the secrets', async () => {
        const scene = await appliedScene(...words);
        await scene.cli(['apply', ...words], APP);
        expect(tokensIn(scene)).toBe(2);
      });

      testInMemory('goes with a logout of its host', async () => {
        const scene = await appliedScene(...words);
        const { stdout, stderr } = await scene.cli(['logout', HOST], both);
        expect(stdout).toContain('removed');
        expect(stderr).toBe('cached tokens: 1 removed from memory [TOKENS_FORGOTTEN]\n');
        expect(tokensIn(scene)).toBe(1);
      });

      testInMemory('goes with a logout of everything', async () => {
        const scene = await appliedScene(...words);
        await scene.cli(['logout'], both);
        expect(tokensIn(scene)).toBe(0);
      });
    },
  );

  testInMemory('goes with a logout where nothing else is ours, and it is said', async () => {
    const scene = await appliedScene();
    rmSync(join(scene.home, '.docker'), { recursive: true });
    expect(await scene.cli(['logout'], {})).toEqual({
      status: 0,
      stdout: '',
      stderr: 'cached tokens: 2 removed from memory [TOKENS_FORGOTTEN]\n',
    });
    expect(tokensIn(scene)).toBe(0);
  });
});

describe('a triple of AWS and a token', () => {
  test('is written as it is, without our helper and without asking AWS', async () => {
    const scene = await makeScene();
    const { status, stderr } = await scene.cli(['apply'], triple('APP', HOST, 'AWS', 'a:token'));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(othersIn(scene.home)).toEqual({ auths: { [HOST]: entry('AWS', 'a:token') } });
    expect(scene.standIn.requests).toEqual([]);
  });

  test('that has expired is written, and never ready', async () => {
    const scene = await makeScene();
    const { status, stderr } = await scene.cli(['apply'], triple('APP', HOST, 'AWS', DEAD_TOKEN));
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        'APP_CONTAINER_REGISTRY_PASSWORD: holds an ECR token that has expired; written anyway [ECR_TOKEN_EXPIRED]\n  fix: set USER and PASSWORD to an AWS access key id and its secret, which are exchanged for fresh tokens\n',
    });
    expect(othersIn(scene.home)).toEqual({ auths: { [HOST]: entry('AWS', DEAD_TOKEN) } });
  });
});

describe('the bundle with the AWS SDK', () => {
  const LOADED = { status: 99, stdout: '', stderr: 'loaded\n' };

  /** The programs, with a bundle in it that nobody can load unnoticed. */
  function trap(): string {
    const lib = scratchHome();
    cpSync(LIB, lib, { recursive: true });
    writeFileSync(join(lib, 'ecr.cjs'), 'process.stderr.write("loaded\\n"); process.exit(99);');
    return lib;
  }

  test.each([['apply'], ['hook', 'postStart'], ['status'], ['logout']])(
    'is not loaded by %s when nothing must be exchanged',
    async (...args) => {
      const env = {
        ...triple('HUB', 'docker.io', 'ada', 'a-password'),
        ...triple('TOKEN', OTHER_HOST, 'AWS', DEAD_TOKEN),
      };
      const run = await runNode(join(trap(), 'registry-auth.cjs'), args, {
        env,
        home: scratchHome(),
      });
      expect(run.stderr).not.toContain('loaded');
      expect([0, 1]).toContain(run.status);
    },
  );

  testInMemory('is loaded by get only until a token is in the cache', async () => {
    const lib = trap();
    expect(await (await makeScene()).ask('get', HOST, APP, { lib, timeoutMs: 20_000 })).toEqual(
      LOADED,
    );
    const scene = await makeScene();
    await scene.cli(['apply'], APP);
    expect(await scene.ask('get', HOST, APP, { lib, timeoutMs: 20_000 })).toMatchObject({
      status: 0,
      stderr: '',
    });
  });
});
