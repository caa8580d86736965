import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from '@jest/globals';
import { expectNoSecret } from '../support/process.ts';
import { APP, HOST, KEYS, makeScene, type Scene, testInMemory } from './support/ecr-scene.ts';
import { NOT_FOUND, SILENT } from './support/helper.ts';

/** The number of the stand-in's token that the helper answered with, counted from 1. */
function tokenIn({ standIn }: Scene, stdout: string): number {
  const { ServerURL, Username, Secret } = JSON.parse(stdout);
  expect({ ServerURL, Username }).toEqual({ ServerURL: HOST, Username: 'AWS' });
  return standIn.tokens.findIndex(({ token }) => token === Secret) + 1;
}

/** Waits for a part of the last token's life: 0.5 is the moment it shall be renewed, 1 its end. */
async function waitForAge({ standIn, cache }: Scene, part: number): Promise<void> {
  const { issuedAt, expiresAt } = readToken(cache);
  const moment = issuedAt + (expiresAt - issuedAt) * part;
  expect(expiresAt).toBe(standIn.tokens.at(-1)?.expiresAt);
  while (Date.now() <= moment) await sleep(20);
}

function readToken(cache: string): { issuedAt: number; expiresAt: number } {
  const [file = ''] = readdirSync(cache).filter((name) => name.endsWith('.json'));
  return JSON.parse(readFileSync(join(cache, file), 'utf8'));
}

describe('get', () => {
  testInMemory('of ten processes at once exchanges once', async () => {
    const scene = await makeScene();
    scene.standIn.delayMs = 300;
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => scene.ask('get', HOST, APP)),
    );
    const tokens = answers.map(({ status, stdout }) => [status, tokenIn(scene, stdout)]);
    expect(tokens).toEqual(Array.from({ length: 10 }, () => [0, 1]));
    expect(scene.standIn.requests).toHaveLength(1);
  });

  testInMemory('keeps the token in memory, closed to others, and no key at all', async () => {
    const scene = await makeScene();
    await scene.ask('get', HOST, APP);
    const files = readdirSync(scene.cache).map((file) => join(scene.cache, file));
    const modes = [scene.cache, ...files].map((path) => (statSync(path).mode & 0o777).toString(8));
    expect(modes).toEqual(['700', '600']);
    expectNoSecret({ folder: scene.runtime }, KEYS);
    expect(readdirSync(scene.home)).toEqual([]);
  });

  testInMemory('renews at half of the life', async () => {
    const scene = await makeScene();
    scene.standIn.lifetimeSeconds = 4;
    expect(tokenIn(scene, (await scene.ask('get', HOST, APP)).stdout)).toBe(1);
    expect(tokenIn(scene, (await scene.ask('get', HOST, APP)).stdout)).toBe(1);
    await waitForAge(scene, 0.5);
    expect(tokenIn(scene, (await scene.ask('get', HOST, APP)).stdout)).toBe(2);
  });

  testInMemory(
    'answers with the token that still lives when AWS refuses another, and then says why not',
    async () => {
      const scene = await makeScene();
      scene.standIn.lifetimeSeconds = 4;
      await scene.ask('get', HOST, APP);
      await waitForAge(scene, 0.5);
      scene.standIn.mode = 'error-500';
      expect(tokenIn(scene, (await scene.ask('get', HOST, APP)).stdout)).toBe(1);
      await waitForAge(scene, 1);
      const { status, stdout } = await scene.ask('get', HOST, APP);
      expect({ status, stdout }).toEqual({
        status: 1,
        stdout: expect.stringMatching(
          /^registry-auth: APP: no token from AWS .*; fix: .* \[ECR_\w+\]\n$/,
        ),
      });
      expectNoSecret(stdout, KEYS);
    },
  );
});

describe('a shell without the keys', () => {
  testInMemory('gets the token from the cache while it lives', async () => {
    const scene = await makeScene();
    scene.standIn.lifetimeSeconds = 3;
    await scene.ask('get', HOST, APP);
    expect(tokenIn(scene, (await scene.ask('get', HOST)).stdout)).toBe(1);
    await waitForAge(scene, 1);
    expect(await scene.ask('get', HOST)).toEqual(NOT_FOUND);
    expect(scene.standIn.exchanges).toBe(1);
  });

  testInMemory('gets the token from the file while it lives', async () => {
    const scene = await makeScene();
    scene.standIn.lifetimeSeconds = 3;
    await scene.cli(['apply'], APP);
    rmSync(scene.cache, { recursive: true });
    expect(tokenIn(scene, (await scene.ask('get', HOST)).stdout)).toBe(1);
    const expiresAt = scene.standIn.tokens[0]?.expiresAt ?? 0;
    while (Date.now() <= expiresAt) await sleep(20);
    expect(await scene.ask('get', HOST)).toEqual(NOT_FOUND);
    expect((await scene.cli(['status'])).stdout).not.toContain('ready');
  });

  testInMemory('gets the token from the cache although SERVER named the port', async () => {
    const scene = await makeScene();
    await scene.ask('get', HOST, { ...APP, APP_CONTAINER_REGISTRY_SERVER: `${HOST}:443` });
    expect(await scene.ask('get', HOST)).toMatchObject({ status: 0 });
  });
});

describe('after a logout the cached token answers no more', () => {
  testInMemory('of docker, until the keys change', async () => {
    const scene = await makeScene();
    await scene.cli(['apply'], APP);
    expect(await scene.ask('erase', HOST, APP)).toEqual(SILENT);
    expect(await scene.ask('get', HOST, APP)).toEqual(NOT_FOUND);
  });

  testInMemory('of our own, in a shell without the keys', async () => {
    const scene = await makeScene();
    await scene.cli(['apply'], APP);
    expect(await scene.cli(['logout'])).toMatchObject({ status: 0 });
    expect(await scene.ask('get', HOST)).toEqual(NOT_FOUND);
  });
});
