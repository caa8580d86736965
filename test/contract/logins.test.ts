import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { startTokenRegistry, type TokenRegistry } from '../support/token-registry.ts';
import { triple } from '../support/triples.ts';
import { publishBoth } from './support/artefacts.ts';
import { DOCKER_PULL, type Named, PODMAN, SKOPEO, testClient } from './support/clients.ts';
import { type FakeEngine, startFakeEngine } from './support/fake-engine.ts';
import {
  apply,
  CREDS_STORE,
  newPlace,
  type Place,
  readConfig,
  readOthers,
  withVariables,
} from './support/place.ts';
import { runClient } from './support/run-client.ts';

const passwords = { ada: 'password-of-ada', bob: 'password-of-bob', eve: 'password-of-eve' };

let registry: TokenRegistry;
let engine: FakeEngine;
beforeAll(async () => {
  registry = await startTokenRegistry({ users: passwords });
  engine = await startFakeEngine(passwords);
  publishBoth(registry, 'team');
});
afterAll(() => Promise.all([registry.close(), engine.close()]));

const secretsOf = (user: keyof typeof passwords) =>
  triple('ACME', registry.host, user, passwords[user]);

const HELPER_MODE = ['--credentials', 'helper'];

/**
 * A place with the secrets of ada in its environment, after `apply`. podman and its like log in to
 * docker's file where DOCKER_CONFIG is set.
 */
async function applied(args: readonly string[] = [], config = '{}'): Promise<Place> {
  const { home, env } = newPlace({ '.docker/config.json': config }, engine);
  const place = withVariables(
    { home, env: { ...env, DOCKER_CONFIG: join(home, '.docker') } },
    secretsOf('ada'),
  );
  await apply(place, ...args);
  return place;
}

/** The programs that log in by hand; all say where to and as whom in the same words. */
const DOCKER = { ...DOCKER_PULL, name: 'docker', options: [] };
// buildah logs in with the library that podman logs in with.
const OTHERS = [SKOPEO, PODMAN].map((client) => ({
  ...client,
  name: client.program,
  options: ['--tls-verify=false'],
}));
type Program = Named & { readonly options: readonly string[] };

async function login({ program, options }: Program, place: Place, user: keyof typeof passwords) {
  const args = ['login', ...options, '--username', user, '--password-stdin', registry.host];
  const finished = await runClient(place, program, args, passwords[user]);
  expect(finished).toMatchObject({ status: 0 });
}

async function logout({ program }: Program, place: Place): Promise<void> {
  const finished = await runClient(place, program, ['logout', registry.host]);
  expect(finished).toMatchObject({ status: 0 });
}

/** A test that asks who the clients come as uses these too. */
const READERS = [DOCKER_PULL, SKOPEO];

/** Who docker and skopeo come as; undefined where they find nobody. */
async function usersIn(place: Place): Promise<(string | undefined)[]> {
  registry.requests.length = engine.users.length = 0;
  await DOCKER_PULL.read(place, `${registry.host}/team`);
  await SKOPEO.read(place, `${registry.host}/team`);
  return [engine.users.at(-1), registry.requests.at(-1)?.user];
}

describe('with our helper', () => {
  for (const program of [DOCKER, ...OTHERS]) {
    const clients = [program, ...READERS] as const;

    testClient(clients, 'login is what every client uses from then on', async () => {
      const place = await applied(HELPER_MODE);
      await login(program, place, 'bob');
      expect(await usersIn(place)).toEqual(['bob', 'bob']);
      await apply(place, ...HELPER_MODE);
      expect(await usersIn(place)).toEqual(['bob', 'bob']);
    });

    testClient(clients, 'login gives way to a secret that changes later', async () => {
      const place = await applied(HELPER_MODE);
      await login(program, place, 'bob');
      expect(await usersIn(withVariables(place, secretsOf('eve')))).toEqual(['eve', 'eve']);
    });

    testClient(clients, 'logout is honoured until the secret changes', async () => {
      const place = await applied(HELPER_MODE);
      await logout(program, place);
      expect(await usersIn(place)).toEqual([undefined, undefined]);
      expect(await usersIn(withVariables(place, secretsOf('eve')))).toEqual(['eve', 'eve']);
    });
  }
});

describe('with the entry in the file', () => {
  testClient(
    [DOCKER, ...READERS],
    'login stays through apply, until the secret changes',
    async () => {
      const place = await applied();
      await login(DOCKER, place, 'bob');
      await apply(place);
      expect(await usersIn(place)).toEqual(['bob', 'bob']);
      await apply(withVariables(place, secretsOf('eve')));
      expect(await usersIn(place)).toEqual(['eve', 'eve']);
    },
  );

  testClient([DOCKER, ...READERS], 'login gives way to apply --force', async () => {
    const place = await applied();
    await login(DOCKER, place, 'bob');
    await apply(place, '--force');
    expect(await usersIn(place)).toEqual(['ada', 'ada']);
  });

  testClient(
    [DOCKER, ...READERS],
    'logout leaves nothing, and the next apply writes again',
    async () => {
      const place = await applied();
      await logout(DOCKER, place);
      expect(readOthers(place)).toEqual({ auths: {} });
      await apply(place);
      expect(await usersIn(place)).toEqual(['ada', 'ada']);
    },
  );
});

describe('beside a credsStore that fails', () => {
  testClient(
    [DOCKER, ...READERS],
    'login and logout go to our helper and are honoured',
    async () => {
      const place = await applied([], `{"credsStore":"${CREDS_STORE}"}`);
      await login(DOCKER, place, 'bob');
      await apply(place);
      expect(await usersIn(place)).toEqual(['bob', 'bob']);
      await logout(DOCKER, place);
      expect(await usersIn(place)).toEqual([undefined, undefined]);
      expect(readConfig(place).credsStore).toBe(CREDS_STORE);
    },
  );
});
