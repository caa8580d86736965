import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { testInMemory } from '../support/memory.ts';
import { CANARY, scratchHome } from '../support/process.ts';
import { triple } from '../support/triples.ts';
import { CONFIG, logInByHand, newCli } from './support/cli.ts';
import { APP, HOST, makeSceneInside as makeScene } from './support/ecr-scene.ts';
import { install } from './support/installed.ts';

const cli = newCli();
const ACME: Record<string, string> = triple('ACME', 'acme.example', 'ada', CANARY);
const HUB = triple('HUB', 'docker.io', 'ada', CANARY);
const { HUB_CONTAINER_REGISTRY_PASSWORD: _, ...HALF } = HUB;

/** What `--require` says in a home after a hook, with what was done to it since. */
async function ask(
  ids: string,
  env: Record<string, string>,
  change: (home: string) => unknown = () => undefined,
) {
  const home = scratchHome();
  await cli(['hook', 'postStart'], { home, env });
  change(home);
  const { status, stdout, stderr } = await cli(['status', '--require', ids], { home, env });
  expect(stderr).toBe('');
  return [status, stdout];
}

describe('status --require says in one line what is ready, and what is not and why:', () => {
  test.each([
    ['ACME', ACME, 0, 'ready: ACME\n'],
    ['ACME,HUB', { ...ACME, ...HUB }, 0, 'ready: ACME, HUB\n'],
    ['acme, hub', { ...ACME, ...HUB }, 0, 'ready: ACME, HUB\n'],
    ['ACME', {}, 1, 'not ready: ACME (none of its three variables is set here)\n'],
    [
      'ACME,HUB',
      { ...ACME, ...HALF },
      1,
      'ready: ACME; not ready: HUB (HUB_CONTAINER_REGISTRY_PASSWORD missing, but SERVER and USER are set [TRIPLE_INCOMPLETE])\n',
    ],
    [
      'ACNE',
      ACME,
      1,
      'not ready: ACNE (none of its three variables is set here; did you mean ACME?)\n',
    ],
  ] as const)('%s', async (ids, env, status, line) => {
    expect(await ask(ids, env)).toEqual([status, line]);
  });

  test.each([
    [
      'a login by hand',
      (home: string) => logInByHand(home, 'acme.example', 'bob', 'b'),
      'your own login',
    ],
    [
      'docker logout',
      (home: string) => {
        const config = join(home, CONFIG);
        const { plugins } = JSON.parse(readFileSync(config, 'utf8'));
        writeFileSync(config, JSON.stringify({ plugins }));
      },
      'its entry was removed by docker logout, or by another program [LOGGED_OUT]',
    ],
    [
      'a broken config.json',
      (home: string) => writeFileSync(join(home, CONFIG), '{'),
      /^~\/\.docker\/config\.json .* \[CONFIG_NOT_JSON\]$/,
    ],
    [
      'a config.json that is a folder',
      (home: string) => {
        rmSync(join(home, CONFIG));
        mkdirSync(join(home, CONFIG, 'a'), { recursive: true });
      },
      /\[CONFIG_[A-Z_]+\]$/,
    ],
    [
      'a credsStore that came since',
      (home: string) => {
        const config = join(home, CONFIG);
        const all = JSON.parse(readFileSync(config, 'utf8'));
        writeFileSync(config, JSON.stringify({ ...all, credsStore: 'desktop' }));
      },
      'in config.json, but docker does not read it: credsStore is set',
    ],
  ])('after %s', async (_name, change, why) => {
    const [status, line = ''] = (await ask('ACME', ACME, change)) as [number, string];
    const [, said] = /^not ready: ACME \((.*)\)\n$/.exec(line) ?? [];
    expect([status, said]).toEqual([1, typeof why === 'string' ? why : expect.stringMatching(why)]);
  });

  test('an older secret', async () => {
    const home = scratchHome();
    await cli(['apply'], { home, env: ACME });
    const env = { ...ACME, ACME_CONTAINER_REGISTRY_PASSWORD: 'another' };
    const { status, stdout, stderr } = await cli(['status'], { home, env });
    expect([status, stdout, stderr]).toEqual([
      1,
      expect.stringContaining('config.json has an older secret; the next start or apply writes'),
      expect.stringContaining('[NOT_WRITTEN]'),
    ]);
    await cli(['apply'], { home, env });
    expect(await cli(['status', '--require=ACME'], { home, env })).toMatchObject({ status: 0 });
  });

  test('with --json one document, whose status is of these IDs alone', async () => {
    const home = scratchHome();
    await cli(['apply'], { home, env: ACME });
    const words = ['status', '--require', 'ACME', '--json'];
    const { status, stdout } = await cli(words, { home, env: { ...ACME, ...HALF } });
    expect([status, JSON.parse(stdout).required]).toEqual([
      0,
      [{ id: 'ACME', ready: true, why: null }],
    ]);
  });

  test('what the option expect names and is not here makes status exit with 1', async () => {
    const ours = install({ expect: ['ACME'] });
    const { status, stderr } = await ours(['status'], { home: scratchHome() });
    expect([status, stderr]).toEqual([1, expect.stringContaining('[TRIPLE_EXPECTED]')]);
  });
});

describe('status is never ready where apply or a hook says that it cannot work:', () => {
  const swapped = {
    ...APP,
    APP_CONTAINER_REGISTRY_USER: APP.APP_CONTAINER_REGISTRY_PASSWORD,
    APP_CONTAINER_REGISTRY_PASSWORD: APP.APP_CONTAINER_REGISTRY_USER,
  } as Record<string, string>;
  const dead = Buffer.from(JSON.stringify({ expiration: 1 })).toString('base64');
  const AWAY = { AWS_ENDPOINT_URL_ECR: 'http://127.0.0.1:9' };

  for (const [name, env, code, words] of [
    ['swapped AWS keys', swapped, 'ECR_KEYS_SWAPPED', 'no token; '],
    ['an expired token', triple('APP', HOST, 'AWS', dead), 'ECR_TOKEN_EXPIRED', 'expired'],
    ['AWS unreachable at the last apply', { ...APP, ...AWAY }, 'ECR_NO_TOKEN', 'no token; '],
  ] as const)
    for (const how of [
      ['apply'],
      ['hook', 'postStart'],
      ['apply', '--credentials', 'helper'],
    ].slice(...(code === 'ECR_NO_TOKEN' ? [0, 2] : [])))
      testInMemory(`${name}, after ${how.join(' ')}`, async () => {
        const scene = await makeScene();
        const applied = await scene.cli(how, env);
        expect(applied.stdout).not.toMatch(/ready|written\n/);
        const { status, stdout, stderr } = await scene.cli(['status'], env);
        expect([status, stdout.includes(words), stdout.includes('ready')]).toEqual([
          1,
          true,
          false,
        ]);
        expect([...stderr.matchAll(/\[([A-Z_]+)\]/g)].map(([, one]) => one)).toEqual([code]);
        const required = await scene.cli(['status', '--require', 'APP'], env);
        expect([required.status, required.stdout]).toEqual([
          1,
          expect.stringMatching(/^not ready: APP \(.*\)\n$/),
        ]);
      });

  testInMemory('and is ready where the last exchange gave a token', async () => {
    const scene = await makeScene();
    await scene.cli(['apply'], APP);
    const { status, stdout } = await scene.cli(['status'], APP);
    expect([status, stdout]).toEqual([0, expect.stringContaining('ready (from our helper)')]);
    expect(await scene.cli(['status', '--require', 'APP'], APP)).toMatchObject({ status: 0 });
  });
});
