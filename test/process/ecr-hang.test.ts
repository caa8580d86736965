import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { expectNoSecret } from '../support/process.ts';
import { APP, HOST, KEYS, makeScene, SESSION, testInMemory } from './support/ecr-scene.ts';
import { triple } from './support/triple.ts';

describe('when AWS does not answer', () => {
  test('a hook ends within its ten seconds, with success and everything else written', async () => {
    const scene = await makeScene();
    scene.standIn.mode = 'hang';
    const hub = triple('HUB', 'ghcr.io', 'ada', 'a-password');
    const startedAt = performance.now();
    const run = await scene.cli(['hook', 'postStart'], { ...APP, ...SESSION, ...hub });
    expect(performance.now() - startedAt).toBeLessThan(12_000);
    const explain = (id: string) =>
      `registry-auth: ${id}: no answer from AWS in time, so no token [ECR_TIMEOUT]\n  fix: check the network and the proxy, then run registry-auth apply again\n`;
    expect(run).toMatchObject({ status: 0, stderr: explain('APP') + explain('GUEST') });
    const config = JSON.parse(readFileSync(join(scene.home, '.docker/config.json'), 'utf8'));
    expect(config).toMatchObject({
      auths: { 'ghcr.io': {} },
      credHelpers: { [HOST]: 'registry-auth' },
    });
    expectNoSecret(run.stdout + run.stderr, KEYS);
    expectNoSecret({ folder: scene.home }, KEYS);
  });

  testInMemory('a pull that was interrupted does not hold up the next one', async () => {
    const scene = await makeScene();
    scene.standIn.mode = 'hang';
    await expect(scene.ask('get', HOST, APP, { timeoutMs: 1_500 })).rejects.toThrow('SIGKILL');
    expect(scene.standIn.requests).toHaveLength(1);
    scene.standIn.mode = 'ok';
    const startedAt = performance.now();
    expect(await scene.ask('get', HOST, APP)).toMatchObject({ status: 0 });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
