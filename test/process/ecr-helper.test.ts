import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from '@jest/globals';
import { testInMemory } from '../support/memory.ts';
import { expectNoSecret } from '../support/process.ts';
import { APP, HOST, KEYS, makeScene, makeSceneInside } from './support/ecr-scene.ts';
import { tokenIn } from './support/ecr-token.ts';
import { NOT_FOUND, SILENT } from './support/helper.ts';

describe('get', () => {
  testInMemory('of ten processes at once exchanges once', async () => {
    const scene = await makeScene();
    scene.standIn.delayMs = 300;
    const pulls = Array.from({ length: 10 }, () => scene.ask('get', HOST, APP));
    const tokens = (await Promise.all(pulls)).map((answer) => tokenIn(scene, answer));
    expect(tokens).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    expect(scene.standIn.requests).toHaveLength(1);
  });

  testInMemory('keeps the token in memory, closed to others, and no key anywhere', async () => {
    const scene = await makeSceneInside();
    await scene.ask('get', HOST, APP);
    const files = readdirSync(scene.cache).map((file) => join(scene.cache, file));
    const modes = [scene.cache, ...files].map((path) => (statSync(path).mode & 0o777).toString(8));
    expect(modes).toEqual(['700', '600']);
    expectNoSecret({ folder: scene.runtime }, KEYS);
    expect(readdirSync(scene.home)).toEqual([]);
  });

  testInMemory('answers a shell without the keys although SERVER named the port', async () => {
    const scene = await makeSceneInside();
    await scene.ask('get', HOST, { ...APP, APP_CONTAINER_REGISTRY_SERVER: `${HOST}:443` });
    expect(await scene.ask('get', HOST)).toMatchObject({ status: 0 });
  });
});

describe('after a logout the cached token answers no more', () => {
  testInMemory('of docker, until the keys change', async () => {
    const scene = await makeSceneInside();
    await scene.cli(['apply'], APP);
    expect(await scene.ask('erase', HOST, APP)).toEqual(SILENT);
    expect(await scene.ask('get', HOST, APP)).toEqual(NOT_FOUND);
  });

  testInMemory('of our own, in a shell without the keys', async () => {
    const scene = await makeSceneInside();
    await scene.cli(['apply'], APP);
    expect(await scene.cli(['logout'])).toMatchObject({ status: 0 });
    expect(await scene.ask('get', HOST)).toEqual(NOT_FOUND);
  });
});
