import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { age, leaveLock } from '../support/lock.ts';
import { testInMemoryConcurrently } from '../support/memory.ts';
import { expectNoSecret } from '../support/process.ts';
import { triple } from '../support/triples.ts';
import { ASK } from './support/cli.ts';
import { APP, HOST, KEYS, makeScene, SESSION } from './support/ecr-scene.ts';
import { tokenIn, waitForAge } from './support/ecr-token.ts';
import { absent, NOT_FOUND } from './support/helper.ts';
import { installAlone as install } from './support/installed.ts';

// All that waits, at the same time: the longest first, and no describe, which would be waited for.
test.concurrent('a hook that AWS does not answer ends within its ten seconds, with success and everything else written', async () => {
  const scene = await makeScene();
  scene.standIn.mode = 'hang';
  const hub = triple('HUB', 'ghcr.io', 'ada', 'a-password');
  const startedAt = performance.now();
  const run = await scene.cli(['hook', 'postStart'], { ...APP, ...SESSION, ...hub });
  expect(performance.now() - startedAt).toBeLessThan(12_000);
  const explain = (id: string) =>
    `registry-auth: ${id}: no answer from AWS in time, so no token [ECR_TIMEOUT]\n  fix: check the network and the proxy, then run registry-auth apply again\n`;
  expect(run).toMatchObject({ status: 0, stderr: explain('APP') + explain('GUEST') + ASK });
  const config = JSON.parse(readFileSync(join(scene.home, '.docker/config.json'), 'utf8'));
  expect(config).toMatchObject({
    auths: { 'ghcr.io': {} },
    credHelpers: { [HOST]: 'registry-auth' },
  });
  expectNoSecret(run.stdout + run.stderr, KEYS);
  expectNoSecret({ folder: scene.home }, KEYS);
});

test.concurrent('a hook that AWS does not answer, and whose locks others hold all the time, ends in twelve seconds', async () => {
  const scene = await makeScene({ '.docker/config.json': '{}', '.npmrc': '' });
  scene.standIn.mode = 'hang';
  const paths = ['.docker/config.json', '.npmrc'].map((path) => join(scene.home, path));
  const locks = paths.map((path) => leaveLock(path, 0));
  const life = setInterval(() => {
    for (const lock of locks) age(lock, 0);
  }, 500);
  const startedAt = performance.now();
  const hooked = install({ githubNpm: true });
  const aws = { AWS_ENDPOINT_URL_ECR: scene.standIn.url, XDG_RUNTIME_DIR: scene.runtime };
  const env = { ...aws, ...APP, ...triple('HUB', 'ghcr.io', 'ada', 'a-password') };
  const { status, stderr } = await hooked(['hook', 'postStart'], { home: scene.home, env });
  expect(performance.now() - startedAt).toBeLessThan(13_500);
  clearInterval(life);
  const codes = stderr.match(/\[\w+\]/g);
  expect([status, codes]).toEqual([0, ['[ECR_TIMEOUT]', '[CONFIG_BUSY]', '[NPMRC_NOT_WRITABLE]']]);
});

testInMemoryConcurrently('a pull that was interrupted does not hold up the next one', async () => {
  const scene = await makeScene();
  scene.standIn.mode = 'hang';
  const pull = scene.ask('get', HOST, APP, { timeoutMs: 4_000 });
  await expect(pull).rejects.toThrow('SIGKILL');
  expect(scene.standIn.requests).toHaveLength(1);
  scene.standIn.mode = 'ok';
  const startedAt = performance.now();
  expect(tokenIn(scene, await scene.ask('get', HOST, APP))).toBe(1);
  expect(performance.now() - startedAt).toBeLessThan(6_000);
});

testInMemoryConcurrently('a token is renewed at half of its life', async () => {
  const scene = await makeScene();
  scene.standIn.lifetimeSeconds = 5;
  for (let time = 0; time < 2; time += 1) {
    expect(tokenIn(scene, await scene.ask('get', HOST, APP))).toBe(1);
  }
  await waitForAge(scene, 0.5);
  expect(tokenIn(scene, await scene.ask('get', HOST, APP))).toBe(2);
});

testInMemoryConcurrently(
  'a token that still lives answers when AWS refuses another; a dead one gives way to the reason',
  async () => {
    const scene = await makeScene();
    scene.standIn.lifetimeSeconds = 5;
    await scene.ask('get', HOST, APP);
    await waitForAge(scene, 0.5);
    scene.standIn.mode = 'error-500';
    expect(tokenIn(scene, await scene.ask('get', HOST, APP))).toBe(1);
    await waitForAge(scene, 1);
    const reason = /^registry-auth: APP: no token from AWS .*; fix: .* \[ECR_\w+\]\n$/;
    const reply = await scene.ask('get', HOST, APP);
    expect(reply).toEqual({ ...NOT_FOUND, stderr: expect.stringMatching(reason) });
    expectNoSecret(reply.stderr, KEYS);
  },
);

testInMemoryConcurrently(
  'a token in the cache answers a shell without the keys while it lives',
  async () => {
    const scene = await makeScene();
    scene.standIn.lifetimeSeconds = 4;
    await scene.ask('get', HOST, APP);
    expect(tokenIn(scene, await scene.ask('get', HOST))).toBe(1);
    await waitForAge(scene, 1);
    expect(await scene.ask('get', HOST)).toEqual(NOT_FOUND);
    expect(scene.standIn.exchanges).toBe(1);
  },
);

testInMemoryConcurrently(
  'a token in the file answers a shell without the keys while it lives',
  async () => {
    const scene = await makeScene();
    scene.standIn.lifetimeSeconds = 4;
    await scene.cli(['apply'], APP);
    const death = waitForAge(scene, 1);
    rmSync(scene.cache, { recursive: true });
    expect(tokenIn(scene, await scene.ask('get', HOST))).toBe(1);
    await death;
    expect(await scene.ask('get', HOST)).toEqual(absent('APP'));
    expect((await scene.cli(['status'])).stdout).not.toContain('ready');
  },
);
