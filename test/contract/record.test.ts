import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { startTokenRegistry, type TokenRegistry } from '../support/token-registry.ts';
import { entry, triple } from '../support/triples.ts';
import { CRANE, DOCKER_PULL, ORAS, PODMAN, testClient } from './support/clients.ts';
import { type FakeEngine, startFakeEngine } from './support/fake-engine.ts';
import { apply, newPlace, type Place, readConfig, withVariables } from './support/place.ts';
import { runClient } from './support/run-client.ts';

/** What other programs make of our record in config.json, and we of what they leave of it. */

const passwords = { ada: 'password-of-ada', bob: 'password-of-bob', eve: 'password-of-eve' };
const TEAM = 'team.example.com';

let registry: TokenRegistry;
let engine: FakeEngine;
beforeAll(async () => {
  registry = await startTokenRegistry({ users: passwords });
  engine = await startFakeEngine(passwords);
});
afterAll(() => Promise.all([registry.close(), engine.close()]));

const variables = (secret: string) => ({
  ...triple('TEAM', TEAM, 'ada', secret),
  ...triple('HUB', 'docker.io', 'ada', 'of the hub'),
});

async function applied(): Promise<Place> {
  const { home, env } = newPlace({ '.docker/config.json': '{"auths":{}}' }, engine);
  const place = { home, env: { ...env, DOCKER_CONFIG: join(home, '.docker') } };
  await apply(withVariables(place, variables('first')));
  return place;
}

const DOCKER = { ...DOCKER_PULL, name: 'docker', login: ['login'], logout: ['logout'] };
const WRITERS = [
  DOCKER,
  { ...CRANE, login: ['auth', 'login'], logout: ['auth', 'logout'] },
  { ...ORAS, login: ['login', '--plain-http'], logout: ['logout'] },
];

describe('our record', () => {
  for (const client of WRITERS) {
    testClient(
      [client],
      'login and logout leave it as it is, and the next run finds it',
      async () => {
        const place = await applied();
        const { plugins, auths } = readConfig(place);
        const words = ['--username', 'bob', '--password-stdin', registry.host];
        const { program, login, logout } = client;
        const change = async (args: readonly string[], input = '') =>
          expect(await runClient(place, program, args, input)).toMatchObject({ status: 0 });

        await change([...login, ...words], passwords.bob);
        expect(readConfig(place)).toEqual({
          auths: { ...auths, [registry.host]: entry('bob', passwords.bob) },
          plugins,
        });
        await apply(withVariables(place, variables('second')));
        expect(readConfig(place).auths).toEqual({
          ...auths,
          [TEAM]: entry('ada', 'second'),
          [registry.host]: entry('bob', passwords.bob),
        });
        await change([...logout, registry.host]);
        const { plugins: after } = readConfig(place);
        expect(Object.keys(after['registry-auth'])).toEqual(Object.keys(plugins['registry-auth']));
        // Nothing is taken for a login of somebody's.
        expect(Object.keys(after)).toEqual(['registry-auth']);
      },
    );
  }

  testClient(
    [{ ...PODMAN, name: 'podman' }],
    'login to this file drops it; every entry stays, and rotation works',
    async () => {
      const place = await applied();
      const { auths } = readConfig(place);
      const file = join(place.home, '.docker', 'config.json');
      const words = ['--tls-verify=false', '--username', 'bob', '--password-stdin', registry.host];
      const args = ['login', '--authfile', file, ...words];
      expect(await runClient(place, 'podman', args, passwords.bob)).toMatchObject({ status: 0 });
      const all = { ...auths, [registry.host]: entry('bob', passwords.bob) };
      expect(readConfig(place)).toEqual({ auths: all });

      await apply(place);
      expect(readConfig(place)).toEqual({ auths: all });
      await apply(withVariables(place, variables('second')));
      const rotated = { ...all, [TEAM]: entry('ada', 'second') };
      expect(readConfig(place).auths).toEqual(rotated);
      await apply(withVariables(place, variables('third')));
      expect(readConfig(place).auths).toEqual({ ...rotated, [TEAM]: entry('ada', 'third') });
    },
  );
});
